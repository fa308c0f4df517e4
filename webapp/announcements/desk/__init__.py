"""The desk where kinds of announcement are written: what each asks for, and the text it writes itself."""
