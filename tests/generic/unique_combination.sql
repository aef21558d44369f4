{% test unique_combination(model, columns) %}

select
    {{ columns | join(',\n    ') }}
from {{ model }}
group by
    {{ columns | join(',\n    ') }}
having count(*) > 1

{% endtest %}
