{#- The error of a row whose sender may not send it, as a Jinja list of one expression. -#}
{%- macro sender_errors(feed) -%}
    {%- set contract = input_contract(feed) -%}
    {%- set sender = 'submission.sender_organisation_code' -%}
    {%- set is_named = sender ~ " in ('" ~ contract.senders | join("', '") ~ "')" -%}
    {%- if contract.sender_column -%}
        {%- set organisation = 'landed.' ~ contract.sender_column -%}
        {{ return([contract_error(
            organisation ~ ' is not null and not coalesce(' ~ is_named ~ ' or '
            ~ is_sent_for(organisation) ~ ', false)',
            contract.sender_column, 'sender_not_allowed', 'reject',
            'Send your own records: those of another need an entry of the safe haven as its agent'
        )]) }}
    {%- endif -%}
    {{ return([contract_error(
        'not coalesce(' ~ is_named ~ ', false)',
        'submission', 'sender_not_allowed', 'reject',
        'Send nothing of this kind: it is taken from its keeper alone'
    )]) }}
{%- endmacro -%}


{#- Whether the sender sends for an organisation: for itself, or for one of stg_submission.sends_for.
    A site of a trust is the trust's: its code begins with that of the trust. -#}
{%- macro is_sent_for(organisation) -%}
    list_has_any(
        [
            {{ organisation }},
            case
                when regexp_full_match({{ organisation }}, '[RT][A-Z0-9]{4}')
                    then left({{ organisation }}, 3)
            end
        ],
        list_prepend(submission.sender_organisation_code, submission.sends_for)
    )
{%- endmacro -%}
