"""Classes, pupils, families, guardians, contact points, and the class lists they come from."""
