"""Executes the notebooks on run folders, and says what is wrong with what they show.

    execute.py --run RUN --before RUN --out DIR [NOTEBOOK …]    every notebook, with its pictures, into DIR
    execute.py --strip [NOTEBOOK …]                              takes outputs and counts out of the files themselves

A notebook that raises, warns or lacks a sign of its font fails.
"""
import argparse
import base64
import concurrent.futures
import os
import pathlib
import sys

import nbclient
import nbformat

HERE = pathlib.Path(__file__).resolve().parent
SECONDS = 300


def strip(path):
    """Takes out what running a notebook leaves in its file."""
    book = nbformat.read(path, as_version=4)
    book.metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
                     "language_info": {"name": "python"}}
    for place, cell in enumerate(book.cells, 1):
        cell.id, cell.metadata = f"cell-{place:02d}", {}
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    nbformat.write(book, path)


def complaints(book):
    """What a notebook says that it should not: errors, and warnings, that of a sign missing in the font among them."""
    for place, cell in enumerate(book.cells, 1):
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                yield f"cell {place}: {output.ename}: {output.evalue}"
            elif output.output_type == "stream" and output.name == "stderr":
                yield f"cell {place}: {output.text.strip()}"


def execute(path, out):
    """Executes one notebook, writes it and its pictures, and returns what is wrong with it."""
    book = nbformat.read(path, as_version=4)
    client = nbclient.NotebookClient(book, timeout=SECONDS, startup_timeout=SECONDS, kernel_name="python3", allow_errors=True,
                                     extra_arguments=["--IPKernelApp.log_level=ERROR"],
                                     resources={"metadata": {"path": str(HERE)}})
    client.execute()
    nbformat.write(book, out / path.name)
    pictures = [output.data["image/png"] for cell in book.cells for output in cell.get("outputs", [])
                if "image/png" in output.get("data", {})]
    for place, picture in enumerate(pictures, 1):
        (out / f"{path.stem}-{place}.png").write_bytes(base64.b64decode(picture))
    return list(complaints(book)), len(pictures)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=pathlib.Path)
    parser.add_argument("--before", type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path)
    parser.add_argument("--strip", action="store_true")
    parser.add_argument("notebooks", nargs="*", type=pathlib.Path)
    asked = parser.parse_args()
    notebooks = asked.notebooks or sorted(HERE.glob("*.ipynb"))
    if asked.strip:
        for path in notebooks:
            strip(path)
        return 0
    if not (asked.run and asked.before and asked.out):
        parser.error("--run, --before and --out are needed")
    asked.out.mkdir(parents=True, exist_ok=True)
    # The kernels inherit these. Nothing is to be written beside the notebooks.
    os.environ.update(MUSCOPE_RUN=str(asked.run.resolve()), MUSCOPE_BEFORE=str(asked.before.resolve()), PYTHONDONTWRITEBYTECODE="1")
    failed = False
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for path, (wrong, pictures) in zip(notebooks, pool.map(lambda path: execute(path, asked.out), notebooks)):
            print(f"{path.name}: {pictures} pictures, {'FAILED' if wrong else 'ok'}")
            for line in wrong:
                failed = True
                print(f"  {line}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
