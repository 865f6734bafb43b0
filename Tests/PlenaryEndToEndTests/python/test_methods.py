"""The five standard methods of every kind that the descriptors have, from a foreign client."""

from google.protobuf.field_mask_pb2 import FieldMask

from plenary_testing.registry import content, records_of

def kinds_of(api):
    """The kinds with all five methods, by the names of their messages, with those of the lists' methods."""
    kinds = {}
    for method in api.methods():
        if method.startswith("Create") and method[6:] in api.messages():
            lists = [f"List{name}" for name in plurals(method[6:]) if api.has_method(f"List{name}")]
            if lists and all(api.has_method(f"{verb}{method[6:]}") for verb in ("Get", "Update", "Delete")):
                kinds[method[6:]] = lists[0]
    return kinds


def plurals(name):
    return (f"{name}s", name, f"{name[:-1]}ies")


def field_of(message, kind):
    """The field of a request that holds the record."""
    fields = message.DESCRIPTOR.fields
    return next(field.name for field in fields if field.message_type and field.message_type.name == kind)


def test_the_standard_methods_answer_for_each_kind(filled, api):
    kinds = kinds_of(api)
    assert len(kinds) >= 13
    examples = {type(content(record)).DESCRIPTOR.name: content(record) for record in api.example()}
    for kind, lister in kinds.items():
        if kind in examples:
            try_methods(filled, api, kind, lister, examples[kind])


def try_methods(registry, api, kind, lister, example):
    parent, _, _ = example.name.rpartition("/")
    parent = parent.rpartition("/")[0]
    place = {"parent": parent} if parent else {}
    found = registry.ask(f"Get{kind}", name=example.name)
    assert found.name == example.name and found.etag and found.revision and found.uid
    assert example.name in [record.name for record in records_of(registry.ask(lister, **place, page_size=1000))]

    update = api.request(f"Update{kind}")
    field = field_of(update, kind)
    change = type(example)(name=example.name, annotations={"tried": "yes"})
    updated = registry.ask(f"Update{kind}", **{field: change, "update_mask": FieldMask(paths=["annotations.tried"])})
    assert dict(updated.annotations)["tried"] == "yes" and updated.etag != found.etag
    assert registry.ask(f"Get{kind}", name=example.name) == updated

    taken = registry.refusal(f"Create{kind}", **place, **{field: example, f"{field}_id": example.name.split("/")[-1]})
    assert (taken.code.name, taken.reason) == ("ALREADY_EXISTS", "RESOURCE_EXISTS"), kind
    absent = registry.refusal(f"Delete{kind}", name=f"{example.name.rpartition('/')[0]}/nobody")
    assert (absent.code.name, absent.reason) == ("NOT_FOUND", "RESOURCE_NOT_FOUND"), kind
