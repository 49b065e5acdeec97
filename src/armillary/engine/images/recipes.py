"""The base images that can be baked from Debian packages: what goes in, and how each is run. Data.

Names, environment and behaviour follow the images of the same names on the public hub, so that manifests written
for those work unchanged.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from armillary.engine.images.programs import KUBECTL_1_36, Package

SUITE = "bookworm"

# Of no use in an image, and most of the size of many packages.
LEFT_OUT = (
    "/usr/share/man/*",
    "/usr/share/doc/*",
    "/usr/share/info/*",
    "/usr/share/locale/*",
    "/usr/share/lintian/*",
    "/usr/lib/x86_64-linux-gnu/gconv/*",
)


@dataclass(frozen=True, slots=True)
class Recipe:
    """An image. `base` is another recipe's name, or "" for one made from packages alone.

    `steps` are the lines of a Containerfile after the packages; `files` are written beside it, executable.
    `version_of` is the command that tells the version of what is inside, for a tag.
    """

    name: str
    tags: Sequence[str]
    packages: Sequence[str] = ()
    base: str = "debian"
    variant: str = ""  # mmdebstrap's, for images without a base
    steps: Sequence[str] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    package: Package | None = None  # whose programs are written beside it too
    summary: str = ""


POSTGRES_ENTRYPOINT = """\
#!/bin/bash
# Makes the database cluster at the first start, then runs the server; the variables are those of the hub's image.
set -Eeuo pipefail

secret() { # NAME: its value, or that of the file which NAME_FILE names
  local file="${1}_FILE"
  if [ -n "${!file:-}" ]; then cat "${!file}"; else printf '%s' "${!1:-}"; fi
}

if [ "${1:-}" != postgres ]; then exec "$@"; fi

if [ "$(id -u)" = 0 ]; then
  mkdir -p "$PGDATA" /var/run/postgresql
  chown postgres:postgres "$PGDATA" /var/run/postgresql
  chmod 700 "$PGDATA"
  exec setpriv --reuid=postgres --regid=postgres --init-groups "$BASH_SOURCE" "$@"
fi

if [ ! -s "$PGDATA/PG_VERSION" ]; then
  user=$(secret POSTGRES_USER)
  user=${user:-postgres}
  password=$(secret POSTGRES_PASSWORD)
  database=$(secret POSTGRES_DB)
  database=${database:-$user}
  method=${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}
  if [ -z "$password" ] && [ "$method" != trust ]; then
    echo >&2 'POSTGRES_PASSWORD is not set: the database needs a password for its first user'
    exit 1
  fi
  initdb --username="$user" --pwfile=<(printf '%s\\n' "$password") --auth-host="$method" --encoding=UTF8
  echo "host all all all $method" >> "$PGDATA/pg_hba.conf"
  pg_ctl -D "$PGDATA" -w -o "-c listen_addresses=''" start
  if [ "$database" != postgres ]; then
    psql -v ON_ERROR_STOP=1 --username "$user" --dbname postgres --set name="$database" \\
      <<< 'CREATE DATABASE :"name";'
  fi
  for script in /docker-entrypoint-initdb.d/*; do
    case "$script" in
      *.sh) bash "$script" ;;
      *.sql) psql -v ON_ERROR_STOP=1 --username "$user" --dbname "$database" -f "$script" ;;
    esac
  done
  pg_ctl -D "$PGDATA" -m fast -w stop
fi
exec "$@"
"""

KUBECTL_BASHRC = """\
[ -n "$PS1" ] || return
PS1='\\[\\e[1;32m\\]kubectl\\[\\e[0m\\]:\\w\\$ '
. /usr/share/bash-completion/bash_completion
alias k=kubectl
. /usr/share/bash-completion/completions/kubectl
complete -o default -F __start_kubectl k
"""

RECIPES: Mapping[str, Recipe] = {
    recipe.name: recipe
    for recipe in (
        Recipe(
            name="busybox",
            tags=("latest", "1.35"),
            packages=("busybox", "libc6", "libcrypt1"),
            base="",
            variant="extract",
            # The applets' links are made by the program itself; getent's answers come from libc.
            steps=('RUN ["/bin/busybox", "--install", "-s", "/bin"]', 'CMD ["sh"]'),
            summary="a shell and the small Unix tools",
        ),
        Recipe(
            name="debian",
            tags=("latest", "12", "bookworm", "12-slim", "bookworm-slim"),
            packages=("ca-certificates",),
            base="",
            variant="minbase",
            steps=('CMD ["bash"]',),
            summary="Debian 12, small",
        ),
        Recipe(
            name="python",
            tags=("latest", "3", "3.11", "3.11-slim"),
            packages=("python3", "python3-pip", "python3-venv", "python3-psycopg2"),
            steps=(
                "RUN ln -s python3 /usr/bin/python && rm /usr/lib/python3*/EXTERNALLY-MANAGED",
                "ENV PYTHONUNBUFFERED=1 LANG=C.UTF-8",
                'CMD ["python3"]',
            ),
            summary="Python 3.11 with pip, venv and psycopg2",
        ),
        Recipe(
            name="node",
            tags=("latest", "18"),
            packages=("nodejs", "npm"),
            steps=("ENV NODE_ENV=production", 'CMD ["node"]'),
            summary="Node.js 18 with npm",
        ),
        Recipe(
            name="nginx",
            tags=("latest", "1.22", "stable"),
            packages=("nginx-light",),
            steps=(
                "RUN ln -sf /dev/stdout /var/log/nginx/access.log && ln -sf /dev/stderr /var/log/nginx/error.log"
                " && rm -f /etc/nginx/sites-enabled/default && mkdir -p /usr/share/nginx/html"
                " && cp /usr/share/nginx/html/index.html /tmp/i 2>/dev/null"
                " || echo '<h1>Welcome to nginx!</h1>' > /usr/share/nginx/html/index.html",
                "COPY default.conf /etc/nginx/conf.d/default.conf",
                "EXPOSE 80",
                "STOPSIGNAL SIGQUIT",
                'CMD ["nginx", "-g", "daemon off;"]',
            ),
            files={
                "default.conf": "server {\n    listen 80;\n    server_name localhost;\n    location / {\n"
                "        root /usr/share/nginx/html;\n        index index.html index.htm;\n    }\n}\n"
            },
            summary="the nginx web server",
        ),
        Recipe(
            name="kubectl",
            tags=("latest", "1.36"),
            packages=("bash-completion", "curl", "jq", "less", "nano", "vim-tiny"),
            package=KUBECTL_1_36,
            steps=(
                "COPY kubectl helm /usr/local/bin/",
                "COPY bashrc /etc/bash.bashrc",
                "RUN chmod 644 /etc/bash.bashrc && ln -s vim.tiny /usr/bin/vim"
                " && kubectl completion bash > /usr/share/bash-completion/completions/kubectl"
                " && helm completion bash > /usr/share/bash-completion/completions/helm"
                " && useradd --uid 65532 --create-home kubectl",
                "ENV EDITOR=nano LANG=C.UTF-8",
                "USER 65532:65532",
                "WORKDIR /home/kubectl",
                'CMD ["bash"]',
            ),
            files={"bashrc": KUBECTL_BASHRC},
            summary="kubectl and Helm in a shell with completion, jq and editors",
        ),
        Recipe(
            name="redis",
            tags=("latest", "7", "7.0"),
            packages=("redis-server",),
            steps=(
                "VOLUME /data",
                "WORKDIR /data",
                "RUN chown redis:redis /data",
                "USER redis",
                "EXPOSE 6379",
                'CMD ["redis-server", "--protected-mode", "no", "--dir", "/data"]',
            ),
            summary="the Redis store",
        ),
        Recipe(
            name="postgres",
            tags=("latest", "15"),
            packages=("postgresql-15", "postgresql-client-15"),
            steps=(
                "RUN rm -rf /var/lib/postgresql/15 && mkdir -p /docker-entrypoint-initdb.d /var/lib/postgresql/data",
                "COPY entrypoint.sh /usr/local/bin/docker-entrypoint.sh",
                "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/postgresql/15/bin"
                " PGDATA=/var/lib/postgresql/data LANG=C.UTF-8",
                "VOLUME /var/lib/postgresql/data",
                "EXPOSE 5432",
                "STOPSIGNAL SIGINT",
                'ENTRYPOINT ["docker-entrypoint.sh"]',
                'CMD ["postgres", "-c", "listen_addresses=*"]',
            ),
            files={"entrypoint.sh": POSTGRES_ENTRYPOINT},
            summary="the PostgreSQL 15 database",
        ),
    )
}


def with_bases(names: Sequence[str]) -> tuple[Recipe, ...]:
    """The recipes of those names and of what they stand on, bases first. Raises KeyError for an unknown name."""
    order: dict[str, Recipe] = {}

    def add(name: str) -> None:
        recipe = RECIPES[name]
        if recipe.base:
            add(recipe.base)
        order.setdefault(name, recipe)

    for name in names:
        add(name)
    return tuple(order.values())


def containerfile(recipe: Recipe) -> str:
    """How the image is built: from its base with apt, or from a root file system beside it."""
    lines = [f"FROM localhost/{recipe.base}:latest"] if recipe.base else ["FROM scratch", "ADD root.tar /"]
    if recipe.base and recipe.packages:
        packages = " ".join(recipe.packages)
        drop = " ".join(f"--path-exclude={path}" for path in LEFT_OUT)
        lines.append(
            "RUN export DEBIAN_FRONTEND=noninteractive"
            f" && printf '%s\\n' {drop.replace('--path', 'path')} > /etc/dpkg/dpkg.cfg.d/left-out"
            " && printf '#!/bin/sh\\nexit 101\\n' > /usr/sbin/policy-rc.d && chmod +x /usr/sbin/policy-rc.d"
            f" && apt-get update -qq && apt-get install -y -qq --no-install-recommends {packages}"
            " && rm -rf /var/lib/apt/lists/* /var/log/*.log /var/log/apt"
        )
    return "\n".join([*lines, *recipe.steps]) + "\n"
