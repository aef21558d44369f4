{% macro personal_columns() -%}
    {%- set found = [] -%}
    {%- for node in (graph.get('nodes', {}).values() | list) + (graph.get('sources', {}).values() | list) -%}
        {%- if node.resource_type in ('model', 'seed', 'source') -%}
            {%- set name = node.identifier or node.alias -%}
            {%- for column in node.columns.values() -%}
                {%- set sensitivity = column.config.meta.sensitivity -%}
                {%- if sensitivity in ('identifier', 'quasi') -%}
                    {%- do found.append(
                        [node.database, node.schema, name, column.name, sensitivity]
                    ) -%}
                {%- endif -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endfor -%}
    values
    {%- for column in found | sort %}
        ('{{ column | join("', '") }}'),
    {%- endfor %}
        ('controlled', 'reidentified', 'person', 'nhs_number', 'identifier')
{%- endmacro %}
