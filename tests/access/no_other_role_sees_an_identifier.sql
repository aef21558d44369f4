-- What: only operators see identifiers, and who cares for a patient those that were asked for.
-- When it matters: when a column is named an identifier, or a role is given a schema (role_zone).
-- How to resolve: take the schema from the role; an identifier has no place in what analysts get.
select
    role,
    relation,
    column_name
from {{ ref('gov_pcd_visibility') }}
where
    sensitivity = 'identifier'
    and is_visible
    and role <> 'operator'
    and not (role = 'direct_care' and database_name = 'controlled')
