"""Questions to families, and their answers: by SMS, or as a teacher heard them."""
