"""Checks Kubernetes objects, as YAML on standard input, against the schemas of their kinds; unknown fields are errors.

validate_manifests.py CRDS VERSION...

CRDS is a folder of CustomResourceDefinitions, VERSION a version of Kubernetes. Prints what is wrong, one line each, and at
the end how many objects were checked.
"""

import pathlib
import sys

import jsonschema
import kubernetes_validate
import yaml

# An equals sign alone is a text; YAML 1.1 has a tag of its own for it.
yaml.SafeLoader.add_constructor("tag:yaml.org,2002:value", yaml.SafeLoader.construct_yaml_str)


def strict(schema):
    """The schema with unknown fields refused, as the API server does for what it is told to check strictly."""
    if isinstance(schema, list):
        return [strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    whole = {key: strict(part) for key, part in schema.items()}
    if isinstance(whole.get("properties"), dict) and not whole.get("x-kubernetes-preserve-unknown-fields"):
        whole.setdefault("additionalProperties", False)
    return whole


def definitions(folder):
    """Schemas of custom kinds, by API version and kind."""
    found = {}
    for kind in ("podmonitors", "prometheusrules", "servicemonitors"):
        for crd in yaml.safe_load_all(pathlib.Path(folder, f"monitoring.coreos.com_{kind}.yaml").read_text()):
            spec = crd["spec"]
            for version in spec["versions"]:
                schema = version["schema"]["openAPIV3Schema"]
                # Of these the definition only says that they are objects.
                properties = {name: part for name, part in schema["properties"].items() if name != "metadata"}
                whole = strict({"type": "object", "properties": properties, "required": schema.get("required", [])})
                whole["properties"]["metadata"] = {"type": "object", "required": ["name"]}
                found[f'{spec["group"]}/{version["name"]}', spec["names"]["kind"]] = whole
    return found


def main(crds, versions):
    custom = definitions(crds)
    problems = 0
    names = set()
    objects = [one for one in yaml.safe_load_all(sys.stdin) if one is not None]
    for one in objects:
        kind = (one["apiVersion"], one["kind"])
        name = f'{one["kind"]} {one["metadata"]["name"]}'
        errors = []
        if name in names:
            errors.append("is there twice")
        names.add(name)
        if kind in custom:
            checker = jsonschema.Draft202012Validator(custom[kind])
            errors += [f"{error.json_path}: {error.message[:300]}" for error in checker.iter_errors(one)]
        else:
            for version in versions:
                try:
                    kubernetes_validate.validate(one, version, strict=True)
                except (kubernetes_validate.ValidationError, kubernetes_validate.SchemaNotFoundError) as error:
                    errors.append(f"{version}: {str(error)[:300]}")
        for error in errors:
            problems += 1
            print(f"{name}: {error}")
    print(f"{len(objects)} objects, {problems} problems")
    return 1 if problems or not objects else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
