"""Statistical disclosure control: the release system, its protection and its audit."""
