"""The evening digest: the TV lessons of all the children behind one phone, in one message."""
