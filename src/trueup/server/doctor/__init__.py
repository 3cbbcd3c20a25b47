"""What the doctor looks at: the clock, the network, the disk, the database, the configuration."""
