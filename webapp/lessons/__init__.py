"""The timetable of TV lessons: who watches what, when and on which channel."""
