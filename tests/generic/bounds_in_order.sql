{% test bounds_in_order(model, lower, upper) %}

select
    {{ lower }},
    {{ upper }}
from {{ model }}
where
    {{ lower }} > {{ upper }}
    or ({{ lower }} is null) <> ({{ upper }} is null)

{% endtest %}
