"""Stand-ins for outside services, for development and tests only. The product never imports this package."""
