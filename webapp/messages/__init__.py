"""What happened to one message, what a person must decide, and providers that rest."""
