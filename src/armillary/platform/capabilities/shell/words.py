"""What people are told of their shell."""

from armillary.base.words import Words

OFF = Words(
    "kubectl in the browser is off here: an administrator names an image for it (armillary serve --shell-image)",
    "此处未启用网页 kubectl：请管理员指定镜像（armillary serve --shell-image）",
)
NO_IMAGE = Words(
    "the image {image} can't be pulled ({why}); an administrator can make it with: armillary image bake kubectl",
    "无法拉取镜像 {image}（{why}）；管理员可运行：armillary image bake kubectl",
)
