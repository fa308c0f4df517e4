"""Who is on duty at the school, and until when."""
