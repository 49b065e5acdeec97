"""The few messages of containerd's own gRPC services that we speak, besides CRI.

Field numbers are containerd's (api/services/{events,containers,tasks}/v1, api/events); fields that we do not
read are left out, which protobuf permits.
"""

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

PACKAGE = "armillary.containerd"
_FIELD = descriptor_pb2.FieldDescriptorProto
_TYPES = {
    "string": _FIELD.TYPE_STRING, "bytes": _FIELD.TYPE_BYTES, "bool": _FIELD.TYPE_BOOL, "uint32": _FIELD.TYPE_UINT32,
}  # fmt: skip

_MESSAGES: dict[str, str] = {
    "Empty": "",
    "Any": "string type_url 1, bytes value 2",
    "SubscribeRequest": "string* filters 1",
    "Envelope": "string topic 3, Any event 4",
    "TaskExit": "string container_id 1, string id 2",
    "GetContainerRequest": "string id 1",
    "Container": "string id 1, Any spec 5",
    "GetContainerResponse": "Container container 1",
    "ExecProcessRequest": (
        "string container_id 1, string stdin 2, string stdout 3, string stderr 4, bool terminal 5, Any spec 6,"
        " string exec_id 7"
    ),
    "StartRequest": "string container_id 1, string exec_id 2",
    "StartResponse": "uint32 pid 1",
    "WaitRequest": "string container_id 1, string exec_id 2",
    "WaitResponse": "uint32 exit_status 1",
    "CloseIORequest": "string container_id 1, string exec_id 2, bool stdin 3",
    "ResizePtyRequest": "string container_id 1, string exec_id 2, uint32 width 3, uint32 height 4",
    "KillRequest": "string container_id 1, string exec_id 2, uint32 signal 3, bool all 4",
    "DeleteProcessRequest": "string container_id 1, string exec_id 2",
    "DeleteResponse": "uint32 exit_status 3",
}


def _field(declared: str) -> descriptor_pb2.FieldDescriptorProto:
    kind, name, number = declared.split()
    label = _FIELD.LABEL_REPEATED if kind.endswith("*") else _FIELD.LABEL_OPTIONAL
    kind = kind.removesuffix("*")
    if kind in _TYPES:
        return _FIELD(name=name, number=int(number), label=label, type=_TYPES[kind])
    type_name = f".{PACKAGE}.{kind}"
    return _FIELD(name=name, number=int(number), label=label, type=_FIELD.TYPE_MESSAGE, type_name=type_name)


def _classes() -> dict[str, Any]:
    file = descriptor_pb2.FileDescriptorProto(name="armillary/containerd.proto", package=PACKAGE, syntax="proto3")
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        message.field.extend(_field(declared) for declared in fields.split(",") if declared)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{PACKAGE}.{name}")) for name in _MESSAGES
    }


_CLASSES = _classes()

SUBSCRIBE = "/containerd.services.events.v1.Events/Subscribe"
GET_CONTAINER = "/containerd.services.containers.v1.Containers/Get"
TASKS = "/containerd.services.tasks.v1.Tasks/"


def message(name: str, **fields: Any) -> Any:
    """A message of one of the types above."""
    return _CLASSES[name](**fields)


def parse(name: str, body: bytes) -> Any:
    return _CLASSES[name].FromString(body)


def parser(name: str) -> Any:
    """What gRPC needs to read an answer of that type."""
    return _CLASSES[name].FromString


def serialize(value: Any) -> bytes:
    body: bytes = value.SerializeToString()
    return body
