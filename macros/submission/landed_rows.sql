{#- Landed rows for a unit test: the values of a good row, changed as each row says; `case` says
    which case it is. What a row leaves out is empty text, as in a landing file, not NULL. -#}
{%- macro landed_rows(feed, good_row, rows) -%}
    {%- for row in rows %}
    select
        {%- for name in input_contract(feed).columns %}
        '{{ row.get(name, good_row.get(name, '')) }}' as {{ name }},
        {%- endfor %}
        '{{ row.get('submission_id', 's1') }}' as submission_id,
        {{ row.source_row }} as source_row
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}
{%- endmacro -%}


{#- Envelopes for a unit test: a good one, changed as each row says. -#}
{%- macro landed_envelopes(rows) -%}
    {%- set good_row = {
        'submission_id': 's1',
        'feed': 'apc_episode',
        'layout': 'simulated',
        'sender_organisation_code': 'RXX',
        'file_name': 'a.csv',
        'file_sha256': 'a',
        'landed_sha256': 'b',
        'rows_received': '3',
        'received_on': '2026-04-01',
        'extract_at': '2026-04-01 00:00:00',
        'test_indicator': '0',
        'protocol': 'net',
        'bulk_replacement_group': '',
        'period_start': '',
        'period_end': '',
        'applicable_at': '',
        'prime_recipient_code': ''
    } -%}
    {%- for row in rows %}
    select
        {%- for name, value in good_row.items() %}
        '{{ row.get(name, value) }}' as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}
{%- endmacro -%}
