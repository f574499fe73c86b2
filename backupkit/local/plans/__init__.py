"""Plans: their documents, versions, selections and schedules."""
