"""Reading of a folder of pictures: one after the other, in the order of their names."""

from __future__ import annotations

from pathlib import Path

from ebmbench.core import local_files
from ebmbench.core.local_files import LocalFile
from ebmbench.data.own_files.paths import read_file, unreadable
from ebmbench.data.own_files.refusal import RefusedFileError, problems_of
from ebmbench.data.own_images.decoding import Decoding, decode
from ebmbench.data.own_images.fitting import Fitting, fit, stacked
from ebmbench.data.own_images.part import Part

#: ends of the names of pictures
ENDS = (".png", ".jpg", ".jpeg")

TOP = 255


def read_folder(folder: Path, decoding: Decoding, fitting: Fitting) -> Part:
    """Read the pictures of a folder, or of the folders in it, of which each is a class.

    Raises :class:`~ebmbench.core.errors.UserError` with one line that names the folder or the picture.
    """
    with unreadable(folder):
        status = local_files.status_of(folder)
        with problems_of(folder):
            paths = _pictures(folder)
    images, digests = [], {}
    for path in paths:
        found = read_file(path)
        digests[str(path.relative_to(folder))] = found.file.sha256
        with problems_of(path):
            images.append(fit(decode(found.content, decoding), fitting))
    with problems_of(folder):
        pixels = stacked(images, [str(path.relative_to(folder)) for path in paths])
    file = LocalFile(str(folder.absolute()), local_files.digest_of_folder(digests), *status)
    return Part(pixels, [str(path.parent.relative_to(folder)) for path in paths], TOP, file)


def _pictures(folder: Path) -> list[Path]:
    """Return the pictures of a folder; raise :class:`RefusedFileError` if there is none, or anything else."""
    if not folder.is_dir():
        raise RefusedFileError("not a folder; a file of arrays, .npy or .npz, has kind: image_archive")
    paths = local_files.files_of(folder)
    for path in paths:
        below = path.relative_to(folder)
        if path.suffix.lower() not in ENDS:
            raise RefusedFileError(f"{below} is no picture; allowed: {', '.join(ENDS)}; move it out of the folder")
        if len(below.parts) > 2:
            raise RefusedFileError(f"{below} is in a folder within a folder; allowed: pictures, or a folder per class")
    depths = {len(path.relative_to(folder).parts): path.relative_to(folder) for path in paths}
    if len(depths) > 1:
        raise RefusedFileError(f"has {depths[1]} and {depths[2]}; allowed: pictures, or a folder per class, not both")
    if not paths:
        raise RefusedFileError(f"no pictures in the folder; needed: {', '.join(ENDS)}")
    return paths
