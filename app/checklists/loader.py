"""Loads templates from YAML files, and says everything that is wrong with them at once."""

from collections.abc import Iterable, Mapping
from pathlib import Path as FilePath

from app.checklists.checks import TASK_NAME
from app.checklists.draft import Draft
from app.checklists.model import Examined, Template, examine
from app.checklists.problems import Problem, TemplateErrors, one_of
from app.checklists.yaml_tree import Tree, read_tree

SUFFIXES = (".yaml", ".yml")


def load_file(path: FilePath | str) -> Template:
    """The template in a YAML file. Raises TemplateErrors with every problem of the file.

    Start rules that name other templates are looked up by `load_set` only.
    """
    return _template(examine_file(FilePath(path)))


def load_text(text: str, file: str) -> Template:
    """The template in a YAML text; `file` is what problems call it. Raises TemplateErrors."""
    return _template(examine(read_tree(text, file)))


def load_set(folder: FilePath | str) -> dict[str, Template]:
    """All templates of a folder, by id. Raises TemplateErrors with every problem of every file."""
    examined = examine_folder(FilePath(folder))
    errors = [problem for one in examined for problem in one.errors] + check_set(examined)
    if errors:
        raise TemplateErrors(errors)
    return {one.template.id: one.template for one in examined if one.template is not None}


def examine_file(path: FilePath) -> Examined:
    """Read and check one file; nothing is raised."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return _unreadable(path, "there is no such file", "check the name")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        return _unreadable(path, "not UTF-8 text", "save it as UTF-8", line=line)
    except OSError as error:
        return _unreadable(path, f"cannot be read ({error.strerror})", "check the file and its permissions")
    return examine(read_tree(text, str(path)))


def examine_folder(folder: FilePath) -> list[Examined]:
    """Read and check every template file of a folder, in the order of their names."""
    if not folder.is_dir():
        return [_unreadable(folder, "there is no such folder", "name the folder that holds the templates")]
    paths = sorted(path for path in folder.iterdir() if path.suffix in SUFFIXES)
    if not paths:
        return [_unreadable(folder, "no template here", "put a .yaml file into it")]
    return [examine_file(path) for path in paths]


def check_set(examined: Iterable[Examined]) -> list[Problem]:
    """What is wrong between the templates of a set: equal ids, starts that name what does not exist."""
    drafts = [Draft(one.draft.tree) for one in examined]
    items: dict[str, set[str]] = {}
    files: dict[str, str] = {}
    for draft in drafts:
        name = draft.text("id")
        if name is None:
            continue
        if name in files:
            draft.report(("id",), f"the template `{name}` is in {files[name]} too", "give each its own id")
        files.setdefault(name, draft.tree.file)
        items.setdefault(name, set()).update(draft.by_id())
    for draft in drafts:
        _check_start_names(draft, items)
    return [problem for draft in drafts for problem in draft.problems]


def _check_start_names(draft: Draft, items: Mapping[str, set[str]]) -> None:
    for path in draft.entries("starts"):
        task = TASK_NAME.match(draft.text(*path, "task_done") or "")
        if task is None:
            continue
        here, template, item = (*path, "task_done"), task[1], task[2]
        if template == draft.text("id"):
            draft.report(here, "the track would have to run before it starts", "name a task of another template")
        elif template not in items:
            draft.report(here, f"unknown template `{template}`", one_of(template, items, "templates"))
        elif item not in items[template]:
            draft.report(here, f"template {template} has no item `{item}`", one_of(item, items[template], "items"))


def _template(examined: Examined) -> Template:
    if examined.template is None:
        raise TemplateErrors(examined.errors)
    return examined.template


def _unreadable(path: FilePath, message: str, fix: str, *, line: int = 1) -> Examined:
    problem = Problem(str(path), line, 1, message, fix)
    return Examined(Draft(Tree(str(path))), [problem], None)
