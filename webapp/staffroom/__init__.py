"""The staff among themselves: notices, methodical associations, and by when each class's plan is told."""
