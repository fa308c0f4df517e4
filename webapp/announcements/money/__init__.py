"""What SMS cost, and what the month's limits leave."""
