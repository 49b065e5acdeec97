"""What the sign-in pages say."""

from armillary.base.words import Words

TITLE = Words("Sign in to Armillary", "登录 Armillary")
NAME = Words("User name or e-mail", "用户名或邮箱")
PASSWORD = Words("Password", "密码")
SIGN_IN = Words("Sign in", "登录")
OR = Words("or", "或")
WITH = Words("Continue with {provider}", "使用 {provider} 登录")
WRONG = Words("Wrong name or password.", "用户名或密码错误。")
SLOWLY = Words("Too many attempts. Wait a little.", "尝试次数过多，请稍候再试。")
CHANGE_TITLE = Words("Choose a new password", "请设置新密码")
CHANGE_WHY = Words("The one you were given is for the first time only.", "初始密码仅供首次登录使用。")
NEW_PASSWORD = Words("New password", "新密码")
AGAIN = Words("Once more", "再次输入")
DIFFERENT = Words("The two are not the same.", "两次输入不一致。")
SAVE = Words("Save", "保存")
CONSENT_TITLE = Words("{client} wants to sign you in", "{client} 请求使用您的账户登录")
CONSENT_WHAT = Words("It gets:", "它将获得：")
ALLOW = Words("Allow", "允许")
REFUSE = Words("Refuse", "拒绝")
DEVICE_TITLE = Words("Let a device in", "授权设备登录")
DEVICE_WHAT = Words(
    "Type the code that the device shows, only if you have just begun this yourself.",
    "请输入设备上显示的代码；仅在您本人刚刚发起登录时操作。",
)
DEVICE_CODE = Words("Code", "代码")
DEVICE_WRONG = Words("There is no device waiting with this code.", "没有设备在等待该代码。")
DEVICE_DONE = Words("The device is signed in. You can close this page.", "设备已登录，您可以关闭此页面。")
CONTINUE = Words("Continue", "继续")
FAILED_TITLE = Words("This did not work", "操作未成功")
SIGN_OUT_TITLE = Words("Sign out of this browser?", "是否退出当前浏览器的登录？")
SIGN_OUT = Words("Sign out", "退出登录")
DEVICE_REFUSED = Words("The device was refused. You can close this page.", "已拒绝该设备，您可以关闭此页面。")
SIGNED_OUT = Words("You are signed out.", "您已退出登录。")
SCOPES = {
    "openid": Words("who you are", "您的身份"),
    "profile": Words("your name and language", "您的姓名和语言"),
    "email": Words("your e-mail address", "您的邮箱地址"),
    "groups": Words("the groups you are in", "您所属的用户组"),
    "all": Words("everything that you may do here", "您在此处的全部权限"),
    "offline_access": Words("that you are still signed in, later on", "在您离开后保持登录"),
}
