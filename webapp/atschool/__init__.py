"""Lessons at school for children who cannot learn at a distance (clause 1.5): groups, who comes, who came."""
