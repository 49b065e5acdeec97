"""`armillary image`: images without a hub: bake base images, build one's own, import archives, list, remove."""

import subprocess
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated

import orjson
import typer

from armillary.allinone.layout import Layout
from armillary.allinone.settings import Settings, data_dir_of, load_settings
from armillary.allinone.words import OPT_DATA_DIR, OPT_OUTPUT
from armillary.base.errors import SetupError
from armillary.base.words import Language, Words
from armillary.cli.output import Format, structured, table, write
from armillary.engine.images.build import Builder
from armillary.engine.images.names import local_name
from armillary.engine.images.recipes import RECIPES, with_bases
from armillary.engine.images.registry import Registry

HELP = Words(
    "Images without a hub: bake, build, import, list, remove.", "无需镜像站：制作、构建、导入、查看、删除镜像。"
)
HELP_BAKE = Words(
    "Make base images from Debian packages and put them into the local registry.\n\n"
    "Example: armillary image bake python postgres",
    "用 Debian 软件包制作基础镜像并放入本地仓库。\n\n示例：armillary image bake python postgres",
)
HELP_BUILD = Words(
    "Build a Containerfile (Dockerfile) and put the image into the local registry.\n\n"
    "Example: armillary image build . --tag shop/api:1.0",
    "构建 Containerfile（Dockerfile）并将镜像放入本地仓库。\n\n示例：armillary image build . --tag shop/api:1.0",
)
HELP_IMPORT = Words(
    "Put an image archive (OCI or docker save) into the local registry.\n\n"
    "Example: armillary image import api.tar --tag shop/api:1.0",
    "将镜像归档（OCI 或 docker save）导入本地仓库。\n\n示例：armillary image import api.tar --tag shop/api:1.0",
)
HELP_LIST = Words(
    "List the local registry's images.\n\nExample: armillary image list -o json",
    "列出本地仓库中的镜像。\n\n示例：armillary image list -o json",
)
HELP_RM = Words(
    "Remove an image from the local registry.\n\nExample: armillary image rm shop/api:1.0",
    "从本地仓库删除镜像。\n\n示例：armillary image rm shop/api:1.0",
)
ARG_BAKE = Words("What to bake.", "要制作的镜像。")
ARG_CONTEXT = Words("Directory with what the build copies.", "构建上下文目录。")
ARG_ARCHIVE = Words("The archive's path.", "归档文件路径。")
ARG_IMAGES = Words("Images, as name or name:tag.", "镜像，写作 name 或 name:tag。")
OPT_ALL = Words("Bake everything there is a recipe for.", "制作所有有配方的镜像。")
OPT_MISSING = Words("Only those that the local registry does not have.", "仅制作本地仓库中没有的镜像。")
OPT_OUTPUT_DIR = Words("Write archives there, not to the registry.", "将归档写入该目录，而不存入仓库。")
OPT_VERBOSE = Words("Show what the programs say.", "显示程序的输出。")
OPT_TAG = Words("The image's name, such as shop/api:1.0.", "镜像名称，例如 shop/api:1.0。")
OPT_FILE = Words("The Containerfile, if not in the context.", "Containerfile 的路径（不在上下文目录中时）。")
OPT_BUILD_ARG = Words("KEY=value for an ARG of the Containerfile.", "为 Containerfile 的 ARG 赋值：KEY=value。")
HEADER = Words("NAME TAG SIZE DIGEST", "名称 标签 大小 摘要")
MAKING = Words("Baking {name} ...", "正在制作 {name} ...")
STORED = Words("  stored {name}:{tag}", "  已存入 {name}:{tag}")
WROTE = Words("  wrote {path}", "  已写入 {path}")
REMOVED = Words("removed {name}:{tag}", "已删除 {name}:{tag}")
NONE = Words(
    "The local registry is empty; fill it with: armillary image bake --all",
    "本地仓库为空；可运行：armillary image bake --all",
)
NOTHING_NAMED = Words(
    "name what to bake, or --all; there are: {names}", "请指定要制作的镜像，或使用 --all；可选：{names}"
)
UNKNOWN = Words("there is no recipe for {name}; there are: {names}", "没有 {name} 的配方；可选：{names}")


def image_app(language: Language) -> typer.Typer:
    """The commands, with their help in that language."""
    app = typer.Typer(help=HELP.say(language), rich_markup_mode=None)
    _make(app, language)
    _keep(app, language)
    return app


def _make(app: typer.Typer, language: Language) -> None:
    """Images that come into being here."""
    say = partial(Words.say, language=language)
    data_dir_type = Annotated[Path | None, typer.Option("--data-dir", help=say(OPT_DATA_DIR))]
    verbose_type = Annotated[bool, typer.Option("--verbose", "-v", help=say(OPT_VERBOSE))]
    output_dir_type = Annotated[Path | None, typer.Option("--output-dir", help=say(OPT_OUTPUT_DIR))]

    @app.command(help=HELP_BAKE.say(language))
    def bake(
        names: Annotated[list[str] | None, typer.Argument(help=say(ARG_BAKE))] = None,
        every: Annotated[bool, typer.Option("--all", help=say(OPT_ALL))] = False,
        missing: Annotated[bool, typer.Option("--missing", help=say(OPT_MISSING))] = False,
        output: output_dir_type = None,
        verbose: verbose_type = False,
        data_dir: data_dir_type = None,
    ) -> None:
        Images(data_dir, language, verbose=verbose).bake(
            list(RECIPES) if every else names or [], output, only_missing=missing
        )

    @app.command(help=HELP_BUILD.say(language))
    def build(
        context: Annotated[Path, typer.Argument(help=say(ARG_CONTEXT))],
        tag: Annotated[str, typer.Option("--tag", "-t", help=say(OPT_TAG))],
        file: Annotated[Path | None, typer.Option("--file", "-f", help=say(OPT_FILE))] = None,
        build_arg: Annotated[list[str] | None, typer.Option(help=say(OPT_BUILD_ARG))] = None,
        output: output_dir_type = None,
        verbose: verbose_type = True,
        data_dir: data_dir_type = None,
    ) -> None:
        Images(data_dir, language, verbose=verbose).build(context, file, tag, build_arg or [], output)


def _keep(app: typer.Typer, language: Language) -> None:
    """What the registry has."""
    say = partial(Words.say, language=language)
    data_dir_type = Annotated[Path | None, typer.Option("--data-dir", help=say(OPT_DATA_DIR))]

    @app.command("import", help=HELP_IMPORT.say(language))
    def import_(
        archive: Annotated[Path, typer.Argument(help=say(ARG_ARCHIVE))],
        tag: Annotated[str, typer.Option("--tag", "-t", help=say(OPT_TAG))] = "",
        data_dir: data_dir_type = None,
    ) -> None:
        Images(data_dir, language).import_archive(archive, tag)

    @app.command("list", help=HELP_LIST.say(language))
    def list_(
        data_dir: data_dir_type = None,
        output: Annotated[Format, typer.Option("-o", "--output", help=say(OPT_OUTPUT))] = Format.TABLE,
    ) -> None:
        Images(data_dir, language).show(output)

    @app.command("rm", help=HELP_RM.say(language))
    def remove(
        names: Annotated[list[str], typer.Argument(help=say(ARG_IMAGES))], data_dir: data_dir_type = None
    ) -> None:
        Images(data_dir, language).remove(names)


class Images:
    """What the commands do, on one cluster's registry."""

    def __init__(self, given: Path | None, language: Language, *, verbose: bool = False) -> None:
        self._layout = Layout(data_dir_of(given))
        self._settings: Settings = load_settings(self._layout.root)
        self._language, self._verbose = language, verbose
        self._registry = Registry("127.0.0.1", self._settings.registry_port)
        root = self._layout.root / "images"
        registry = f"127.0.0.1:{self._settings.registry_port}"
        run = self._layout.run / "buildah"
        self._builder = Builder(root / "storage", root / "packages", run, registry, self._progress)

    def _progress(self, line: str) -> None:
        if self._verbose:
            write(f"  {line}")

    def _say(self, words: Words, **values: object) -> None:
        write(words.say(self._language, **values))

    def bake(self, names: list[str], output: Path | None, *, only_missing: bool = False) -> None:
        """Bases are made when they are missing, and stored with what stands on them."""
        known = " ".join(RECIPES)
        if not names:
            raise SetupError(NOTHING_NAMED.say(self._language, names=known))
        unknown = next((name for name in names if name not in RECIPES), "")
        if unknown:
            raise SetupError(UNKNOWN.say(self._language, name=unknown, names=known))
        if only_missing:
            there = {image.name for image in self._registry.images()}
            names = [name for name in names if f"library/{name}" not in there]
        for recipe in with_bases(names):
            built = f"localhost/{recipe.name}:latest"
            if recipe.name not in names and self._builder.has(built):
                continue
            self._say(MAKING, name=recipe.name)
            self._builder.bake(recipe)
            self._store(built, f"library/{recipe.name}", recipe.tags, output)

    def build(self, context: Path, file: Path | None, tag: str, arguments: list[str], output: Path | None) -> None:
        name, version = local_name(tag)
        chosen = file or next((p for p in (context / "Containerfile", context / "Dockerfile") if p.exists()), None)
        if chosen is None:
            raise SetupError(f"{context}: there is no Containerfile or Dockerfile; name one with --file")
        built = f"localhost/{name}:{version}"
        self._builder.build(context, chosen, built, arguments)
        self._store(built, name, (version,), output)

    def _store(self, built: str, name: str, tags: Sequence[str], output: Path | None) -> None:
        if output is not None:
            output.mkdir(parents=True, exist_ok=True)
            path = output / f"{name.replace('/', '_')}_{tags[0]}.tar"
            path.unlink(missing_ok=True)
            self._builder.push(built, f"oci-archive:{path}:{name}:{tags[0]}")
            self._say(WROTE, path=path)
            return
        for tag in tags:
            self._builder.push(built, f"docker://127.0.0.1:{self._settings.registry_port}/{name}:{tag}")
            self._say(STORED, name=name, tag=tag)

    def import_archive(self, archive: Path, tag: str) -> None:
        """An archive names its image; a recipe's image gets all of the recipe's tags."""
        if not archive.exists():
            raise SetupError(f"{archive}: no such file")
        kind, named = _archive_kind(archive)
        name, version = local_name(tag or named)
        recipe = RECIPES.get(name.removeprefix("library/"))
        tags = [version, *(t for t in recipe.tags if t != version)] if recipe is not None and not tag else [version]
        for each in tags:
            target = f"docker://127.0.0.1:{self._settings.registry_port}/{name}:{each}"
            command = ["skopeo", "copy", "--quiet", "--dest-tls-verify=false", f"{kind}:{archive}", target]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                raise SetupError(f"{archive}: {done.stderr.strip()}")
            self._say(STORED, name=name, tag=each)

    def show(self, output: Format) -> None:
        images = self._registry.images()
        if output is not Format.TABLE:
            keys = ("name", "tag", "digest", "size_bytes")
            write(structured([{key: getattr(image, key) for key in keys} for image in images], output))
        elif not images:
            self._say(NONE)
        else:
            rows = [[i.name, i.tag, f"{i.size_bytes / (1 << 20):.1f}Mi", i.digest[7:19]] for i in images]
            write(table(HEADER.say(self._language).split(), rows))

    def remove(self, names: list[str]) -> None:
        for reference in names:
            name, tag = local_name(reference)
            self._registry.remove(name, tag)
            self._say(REMOVED, name=name, tag=tag)


def _archive_kind(archive: Path) -> tuple[str, str]:
    """skopeo's word for the archive's form, and the name it carries ("" if none)."""
    import tarfile

    with tarfile.open(archive) as file:
        members = set(file.getnames())
        if "index.json" in members and "oci-layout" in members:
            index = file.extractfile("index.json")
            manifests = orjson.loads(index.read())["manifests"] if index is not None else []
            annotations = manifests[0].get("annotations", {}) if manifests else {}
            return "oci-archive", str(annotations.get("org.opencontainers.image.ref.name", ""))
        if "manifest.json" in members:
            manifest = file.extractfile("manifest.json")
            entries = orjson.loads(manifest.read()) if manifest is not None else []
            return "docker-archive", str((entries[0].get("RepoTags") or [""])[0]) if entries else ""
    raise SetupError(f"{archive}: neither an OCI archive nor one of `docker save`")
