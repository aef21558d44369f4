"""A safe haven for commissioning data: from identifiable records to verifiable releases."""
