"""Personal data: recognised by the heading or by what the cells hold, and left out unless asked for."""

from __future__ import annotations

import re
from collections.abc import Iterable

from research.responses.nouns import RawColumn
from research.responses.wording import clean, fold

_HEADINGS = {
    "an IP address": "ip ipaddress ipaddr clientip remoteip 来自ip ip地址 用户ip 来源ip",
    "a name": (
        "name fullname yourname firstname lastname surname givenname familyname username "
        "recipientfirstname recipientlastname 姓名 您的姓名 你的姓名 名字 您的名字 真实姓名 联系人 "
        "用户名 用户昵称 昵称 微信昵称"
    ),
    "a phone number": (
        "phone phonenumber mobile mobilephone mobilenumber tel telephone cellphone whatsapp "
        "手机 手机号 手机号码 您的手机号 您的手机号码 电话 电话号码 联系电话 联系方式 您的联系方式"
    ),
    "an e-mail address": (
        "email emailaddress youremail mail recipientemail 邮箱 电子邮箱 电子邮件 邮箱地址 电子邮件地址 "
        "您的邮箱 您的电子邮箱"
    ),
    "an account": "wechat wechatid openid unionid deviceid 微信 微信号 qq qq号 qq号码",
    "an identity number": (
        "idcard idnumber passport passportnumber 身份证 身份证号 身份证号码 护照号 学号 工号"
    ),
    "an address": (
        "address homeaddress latitude longitude locationlatitude locationlongitude "
        "地址 家庭住址 住址 通讯地址 纬度 经度"
    ),
}

_PHONE = r"^(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}$|^\+\d{1,3}[- ]?\d[\d -]{6,13}\d$"
_BYTE = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
_DATE = r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"

_CELLS = {
    "an e-mail address": re.compile(r"^[\w.+-]+@[\w-]+(?:\.[\w-]+)+$"),
    "a phone number": re.compile(_PHONE),
    "an IP address": re.compile(
        rf"^(?:{_BYTE}\.){{3}}{_BYTE}(?:\(.*\))?$|^(?=.*::|(?:[^:]*:){{7}})[0-9a-fA-F:]{{3,39}}$"
    ),
    "an identity number": re.compile(rf"^[1-9]\d{{5}}{_DATE}\d{{3}}[\dXx]$"),
}


def personal_heading(header: str) -> str:
    """What personal thing a heading names, in words, or the empty string.

    >>> personal_heading("3、您的手机号码"), personal_heading("IP Address"), personal_heading("IMAG1")
    ('a phone number', 'an IP address', '')
    """
    words = fold(re.sub(r"^\s*\d+\s*[、.:：．]", "", header))
    return next((what for what, names in _HEADINGS.items() if words and words in names.split()), "")


def personal_cell(text: str) -> str:
    """What personal thing a cell holds, in words, or the empty string.

    >>> personal_cell("li.na@example.org"), personal_cell("13812345678"), personal_cell("7")
    ('an e-mail address', 'a phone number', '')
    """
    plain = clean(text)
    return next((what for what, pattern in _CELLS.items() if pattern.match(plain)), "")


def personal_column(column: RawColumn) -> str:
    """What personal thing a column holds: by its heading, or because half of its filled cells do."""
    heading = personal_heading(column.header) or personal_heading(column.label)
    return heading or _most(text for text in column.texts if clean(text))


def _most(texts: Iterable[str]) -> str:
    held = [personal_cell(text) for text in texts]
    named = [what for what in held if what]
    return max(named, key=named.count) if named and 2 * len(named) >= len(held) else ""
