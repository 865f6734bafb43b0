"""Generated records: the same for a seed, fit to be imported, as many as are asked for."""

import json

import pytest

from plenary_testing import run


def generated(*options):
    done = run("plenary-bench", "generate", *options)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("count", [1, 20, 57])
def test_a_seed_gives_the_same_records_and_a_smaller_number_the_first_of_them(count):
    records = json.loads(generated("--records", count, "--seed", 7))["records"]
    assert len(records) == count
    assert records == json.loads(generated("--records", 60, "--seed", 7))["records"][:count]
    assert count == 1 or records != json.loads(generated("--records", count, "--seed", 8))["records"]


def test_generated_records_can_be_imported_as_a_bundle_or_in_parts(start, tmp_path):
    bundle = tmp_path / "records.json"
    generated("--records", 140, "--output", bundle)
    first, _ = start()
    imported = run("plenary", "import", bundle, "--server", first.address)
    assert imported.stdout.startswith("140 created"), imported.stderr
    second, _ = start()
    generated("--records", 140, "--batch", 33, "--server", second.address)
    assert [record.SerializeToString(deterministic=True) for record in second.export()] == [
        record.SerializeToString(deterministic=True) for record in first.export()
    ]


def test_a_number_of_records_that_is_none_is_refused():
    for count in (0, 10_000_001):
        assert run("plenary-bench", "generate", "--records", count).returncode != 0
