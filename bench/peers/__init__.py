"""What people would use instead of termd, each started for a work and gone after it."""
