"""The hook and the gate compute the same hash."""

from __future__ import annotations

from safe_haven.build_register import content_hash_sql
from safe_haven.paths import PROJECT_ROOT


def test_hook_and_gate_hash_alike() -> None:
    macro = (PROJECT_ROOT / "macros" / "tests" / "register_build.sql").read_text(encoding="utf-8")
    expression = "coalesce(sum(hash(relation_row)::hugeint), 0)::varchar as content_hash"
    assert expression in macro
    assert expression in content_hash_sql("t")
