"""Claims as RDF, the published snapshot, the network and everything that reads them."""
