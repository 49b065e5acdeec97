"""What `armillary up`, `down`, `status` and their like say."""

from armillary.base.words import Words

HELP = Words(
    "A container platform that brings its own Kubernetes cluster.",
    "自带 Kubernetes 集群的容器平台。",
)
HELP_UP = Words(
    "Start the cluster on this machine.\n\nExample: armillary up --detach",
    "在本机启动集群。\n\n示例：armillary up --detach",
)
HELP_DOWN = Words(
    "Stop the cluster. Data stays, unless you say --purge.\n\nExample: armillary down",
    "停止集群。数据会保留，除非指定 --purge。\n\n示例：armillary down",
)
HELP_STATUS = Words(
    "Show the parts of the cluster and how they are.\n\nExample: armillary status -o json",
    "显示集群各组件及其状态。\n\n示例：armillary status -o json",
)
HELP_KUBECONFIG = Words(
    "Print an administrator's kubeconfig.\n\nExample: armillary kubeconfig > ~/.kube/config",
    "输出管理员的 kubeconfig。\n\n示例：armillary kubeconfig > ~/.kube/config",
)
HELP_VERSION = Words("Show the version.\n\nExample: armillary version", "显示版本。\n\n示例：armillary version")
HELP_INITIAL_PASSWORD = Words(
    "Print the first administrator's first password, until it has been changed.\n\nExample: armillary initial-password",
    "输出首个管理员的初始密码（修改后不再可用）。\n\n示例：armillary initial-password",
)
HELP_SERVE = Words(
    "Run the platform on any Kubernetes, until it is stopped.\n\n"
    "Example: armillary serve --kubeconfig admin.yaml --origin https://platform.example.com",
    "在任意 Kubernetes 上运行平台，直到被停止。\n\n"
    "示例：armillary serve --kubeconfig admin.yaml --origin https://platform.example.com",
)
OPT_KUBECONFIG = Words("A cluster administrator's kubeconfig.", "集群管理员的 kubeconfig。")
OPT_ORIGIN = Words("The platform's address, as browsers know it.", "浏览器访问平台的地址。")
OPT_GUARD_URL = Words(
    "Where the cluster's API server reaches the platform; the origin by default.",
    "集群 API 服务器访问平台的地址，默认与平台地址相同。",
)
OPT_TLS_CERT = Words("Certificate (PEM); a self-made one by default.", "证书（PEM），默认自动生成。")
OPT_TLS_KEY = Words("Its key (PEM).", "证书私钥（PEM）。")
OPT_DATABASE = Words(
    "URL of a PostgreSQL database, for several replicas; a file by default.",
    "PostgreSQL 数据库地址，用于多副本；默认使用文件。",
)
OPT_REGISTRY = Words(
    "A registry that images' settings may be read from, as HOST=URL; may be given several times.",
    "可读取镜像配置的镜像仓库，格式为 HOST=URL，可多次指定。",
)
NO_INITIAL_PASSWORD = Words(
    "there is none: it has been changed, or the platform is not running", "没有初始密码：已被修改，或平台未运行"
)
OPT_DATA_DIR = Words("Where everything is kept.", "所有数据的存放目录。")
OPT_DETACH = Words("Return as soon as the cluster is ready.", "集群就绪后立即返回。")
OPT_NODE_NAME = Words("The node's name; the host name by default.", "节点名称，默认为主机名。")
OPT_API_PORT = Words("Port of the Kubernetes API.", "Kubernetes API 端口。")
OPT_SHELL_IMAGE = Words(
    "Image for kubectl in the browser, with sh, mktemp and kubectl; without one it is off.",
    "网页 kubectl 使用的镜像，须包含 sh、mktemp 与 kubectl；不指定则不启用。",
)
OPT_SHELL_SERVER = Words(
    "Where pods reach the platform, as https://HOST:PORT, if not at --origin.",
    "Pod 访问平台的地址，格式 https://HOST:PORT；默认与 --origin 相同。",
)
OPT_REGISTRY_PORT = Words("Port of the local image registry.", "本地镜像仓库端口。")
OPT_KUBELET_PORT = Words("Port of the node agent.", "节点代理端口。")
OPT_POD_CIDR = Words("Network of the pods.", "Pod 网段。")
OPT_SERVICE_CIDR = Words("Network of the services.", "Service 网段。")
OPT_BRIDGE = Words("Name of the pods' bridge.", "Pod 网桥名称。")
OPT_RUNTIME = Words("OCI runtime: crun or runc.", "OCI 运行时：crun 或 runc。")
OPT_PLATFORM = Words("Whether the platform for many teams comes with the cluster.", "是否同时启动多租户平台。")
OPT_PLATFORM_PORT = Words("Port of the platform.", "平台端口。")
OPT_PLATFORM_ADDRESS = Words("Address that the platform listens on.", "平台监听地址。")
OPT_MIRROR = Words(
    "A mirror of a registry, as REGISTRY=URL; may be given several times.",
    "镜像仓库的镜像站，格式 REGISTRY=URL；可多次指定。",
)
OPT_PURGE = Words(
    "Remove everything: data, networks, mounts. Can't be undone.", "删除一切：数据、网络、挂载。不可恢复。"
)
OPT_KEEP_PODS = Words(
    "Leave containers running; the next `up` finds them again.", "保留运行中的容器，下次 `up` 会重新接管。"
)
OPT_YES = Words("Don't ask.", "不再询问。")
OPT_OUTPUT = Words("Output format.", "输出格式。")
STARTING = Words("Starting the cluster in {data_dir}", "正在启动集群，数据目录 {data_dir}")
PART_READY = Words("  ready    {part:<12} {seconds:.1f} s", "  已就绪   {part:<12} {seconds:.1f} 秒")
PART_CRASHED = Words(
    "  crashed  {part:<12} {how}; starts again; see {log}", "  已崩溃   {part:<12} {how}；将重新启动；日志 {log}"
)
READY = Words("The cluster is ready ({seconds:.1f} s).", "集群已就绪（{seconds:.1f} 秒）。")
ALREADY = Words("The cluster is running already.", "集群已在运行。")
NEXT = Words(
    "\nNext:\n"
    "  export KUBECONFIG={kubeconfig}\n"
    "  kubectl get nodes\n"
    "  {command} image bake --all      # base images, where no hub can be reached\n"
    "  {command} status\n"
    "  {command} initial-password      # of admin, to sign in at {origin}",
    "\n接下来：\n"
    "  export KUBECONFIG={kubeconfig}\n"
    "  kubectl get nodes\n"
    "  {command} image bake --all      # 无法访问镜像站时，在本地制作基础镜像\n"
    "  {command} status\n"
    "  {command} initial-password      # admin 的初始密码，用于登录 {origin}",
)
NOT_READY = Words(
    "not ready after {seconds:.0f} s: {parts}; see {logs}", "{seconds:.0f} 秒后仍未就绪：{parts}；请查看 {logs}"
)
SUPERVISOR_ENDED = Words("the supervisor ended; see {log}", "守护进程已退出；请查看 {log}")
STOPPED = Words("The cluster is stopped; its data stays in {data_dir}.", "集群已停止，数据保留在 {data_dir}。")
DOOR = Words(
    "\nConsole and API: {origin}\nSHA-256 of its certificate's authority: {ca_fingerprint}",
    "\n控制台与 API：{origin}\n证书 CA 的 SHA-256 指纹：{ca_fingerprint}",
)
NOT_RUNNING = Words("The cluster is not running.", "集群未运行。")
PURGED = Words("The cluster and its data are gone.", "集群及其数据已删除。")
NOTHING_TO_PURGE = Words("There is nothing in {data_dir}.", "{data_dir} 中没有任何内容。")
CONFIRM_PURGE = Words("Remove the cluster and all data in {data_dir}?", "确定删除集群及 {data_dir} 中的所有数据吗？")
NO_CLUSTER = Words(
    "there is no cluster in {data_dir}; start one with: armillary up", "{data_dir} 中没有集群；请先运行：armillary up"
)
NEEDS_ROOT = Words(
    "this needs root: it makes network interfaces, mounts and cgroups; try: sudo {command}",
    "需要 root 权限：要创建网络接口、挂载和 cgroup；请尝试：sudo {command}",
)
PART_HEADER = Words("PART STATE PID MEMORY UP RESTARTS LAST-EXIT", "组件 状态 PID 内存 运行时长 重启 上次退出")
ERROR = Words("error: {message}", "错误：{message}")
NOT_UNDERSTOOD = Words("error: {message}; see {command} --help", "错误：{message}；用法见 {command} --help")
NO_KUBECTL = Words(
    "\nkubectl is not in PATH; `make kubectl` puts stock builds into .venv/kubectl.",
    "\nPATH 中没有 kubectl；运行 `make kubectl` 可将其放入 .venv/kubectl。",
)
NOT_ALLOWED = Words(
    "error: {path}: only root may use it; try again with sudo", "错误：{path}：仅 root 可以访问；请使用 sudo 重试"
)
