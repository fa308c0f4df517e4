"""The desk where announcements of every kind are written: what each asks for, and the text it writes itself."""
