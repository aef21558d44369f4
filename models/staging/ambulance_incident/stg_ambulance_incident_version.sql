-- Which version of which record each row is, and what became of it.
{{ record_versions('ambulance_incident') }}
