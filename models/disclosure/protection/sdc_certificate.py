"""One row per table of the proof and cell that it alters: what anybody must hold possible."""


def model(dbt, session):
    """Withhold what is small, more where that is not enough, and keep the proof that it now is."""
    from safe_haven.disclosure.pattern import protection_certificate

    dbt.config(materialized="table")
    return protection_certificate(
        cells=dbt.ref("sdc_cell").to_arrow_table(),
        relations=dbt.ref("sdc_relation").to_arrow_table(),
        rules=dbt.ref("disclosure_rule").to_arrow_table(),
        progress=print,
    )
