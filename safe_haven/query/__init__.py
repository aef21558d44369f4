"""Reading the warehouse from the command line."""
