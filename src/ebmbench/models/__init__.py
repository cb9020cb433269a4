"""Models: their interfaces, the families that build them, their networks, and the statistics that they match."""
