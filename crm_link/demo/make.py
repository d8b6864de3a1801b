"""Write ``customers.csv``: 500 customers who do not exist, the same ones on every run.

Run it with ``python -m crm_link.demo.make``; the file it writes is kept in the repository, so it
runs again only when the set is to change.

No number here rings at anybody's:

- US: 555-0100 to 555-0199, set aside for fiction;
- GB: 07700 900000 to 900999 and 020 7946 0000 to 0999, set aside for drama;
- CN: 154 0000 0001 and up: as long as a mobile number, in a block that no operator was given;
- HK: 5550 0001 and up, SG: 5550 0001 and up: likewise in no operator's block.

China, Hong Kong and Singapore set no range aside; their numbers here are told from real ones by
the run of zeros, and metadata of the numbering plans calls them possible but not valid.
"""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

CUSTOMERS = 500
FIRST_CODE = 100001
SEED = 20260901
TODAY = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)
"""The day on which the histories end; fixed, so that the file is."""

COLUMNS = [
    "code",
    "name",
    "name_latin",
    "language",
    "grade",
    "vip",
    "company",
    "email",
    "segment",
    "order_value",
    "numbers",
    "open_complaints",
    "last_contacts",
]

# (surname, Latin) and (given name, Latin); the first six pairs are the names everyone knows.
FAMOUS_CN = (
    ("张伟", "Zhang Wei"),
    ("李娜", "Li Na"),
    ("王芳", "Wang Fang"),
    ("刘洋", "Liu Yang"),
    ("陈静", "Chen Jing"),
    ("杨勇", "Yang Yong"),
)
SURNAMES_CN = (
    "王 Wang,李 Li,张 Zhang,刘 Liu,陈 Chen,杨 Yang,黄 Huang,赵 Zhao,吴 Wu,周 Zhou,徐 Xu,孙 Sun,"
    "马 Ma,朱 Zhu,胡 Hu,郭 Guo,何 He,林 Lin,高 Gao,罗 Luo,郑 Zheng,梁 Liang,谢 Xie,宋 Song,"
    "唐 Tang,许 Xu,韩 Han,冯 Feng,邓 Deng,曹 Cao,欧阳 Ouyang,司马 Sima"
)
GIVEN_CN = (
    "秀英 Xiuying,桂英 Guiying,明 Ming,丽 Li,强 Qiang,磊 Lei,军 Jun,洋 Yang,艳 Yan,杰 Jie,"
    "涛 Tao,超 Chao,霞 Xia,平 Ping,建国 Jianguo,志强 Zhiqiang,晓明 Xiaoming,雪梅 Xuemei,"
    "子轩 Zixuan,欣怡 Xinyi,浩然 Haoran,雨桐 Yutong,佳琪 Jiaqi,思远 Siyuan,文博 Wenbo,"
    "梦洁 Mengjie,俊杰 Junjie,海燕 Haiyan,玉兰 Yulan,天佑 Tianyou"
)
GIVEN_EN = [
    "Olivia",
    "Emma",
    "James",
    "William",
    "Ava",
    "Henry",
    "Grace",
    "Lucas",
    "Sophie",
    "Daniel",
    "Hannah",
    "Thomas",
    "Chloe",
    "Samuel",
    "Alice",
    "George",
    "Megan",
    "Oliver",
    "Zoë",
    "Renée",
    "Patrick",
    "Siobhán",
    "Rebecca",
    "Marcus",
    "Priya",
    "Aisha",
]
SURNAMES_EN = [
    "Smith",
    "Jones",
    "Taylor",
    "Brown",
    "Wilson",
    "Evans",
    "Walker",
    "Wright",
    "Robinson",
    "Thompson",
    "White",
    "Hughes",
    "Edwards",
    "Green",
    "Hall",
    "Wood",
    "Harris",
    "Clarke",
    "Jackson",
    "Turner",
    "O'Brien",
    "Fitzgerald",
    "Nguyen",
    "Patel",
    "García",
    "Müller",
]
COMPANIES_CN = [
    "华东样例物流有限公司",
    "北方演示科技有限公司",
    "江南示范纺织厂",
    "南山样例医疗器械公司",
    "西湖演示茶业",
    "长河示范电力工程公司",
]
COMPANIES_EN = [
    "Example Freight Ltd",
    "Sample & Sons",
    "Demo Robotics Inc.",
    "Placeholder Bank plc",
    "Specimen Foods Group",
    "Harbour Example Shipping",
]
COMPLAINTS = {
    "zh-CN": ("账单金额重复扣款,尚未退回", "送货延误两天,要求答复", "维修后故障再次出现"),
    "en": (
        "Charged twice for one order, refund outstanding",
        "Delivery two days late, asks for an explanation",
        "Fault came back after the repair",
    ),
}
SUMMARIES = {
    "zh-CN": ("查询订单进度", "修改收货地址", "咨询保修期限", "预约上门安装", "申请开具发票"),
    "en": (
        "Asked where the order is",
        "Changed the delivery address",
        "Asked how long the warranty runs",
        "Booked an installation visit",
        "Asked for an invoice",
    ),
}
AGENTS = {"zh-CN": ("赵敏", "孙丽", "周涛"), "en": ("Ann Lee", "Ben Fox", "Cara Diaz")}
CHANNELS = ("voice", "voice", "voice", "email", "chat", "sms", "visit")
REGIONS = ("CN",) * 10 + ("GB",) * 3 + ("US",) * 4 + ("HK",) * 2 + ("SG",)
AREAS_US = ("212", "312", "415", "206", "617", "702", "303", "512")
MAIN_LINES = {
    "CN": "+8615400009",
    "HK": "+85255509",
    "SG": "+6555509",
    "GB": "+442079460",
    "US": "+12025550",
}
"""How a company's main line in a region begins; several of its people may share it."""

FIRST_MAIN_LINE = {"CN": 900, "HK": 900, "SG": 900, "GB": 990, "US": 100}
"""Last digits of the first company's main line, clear of the numbers of `numbers_of`."""


def numbers_of(region: str) -> Iterator[str]:
    """Numbers of a region that belong to nobody, each once."""
    for index in count(1):
        match region:
            case "CN":
                yield f"+86154{index:08d}"
            case "HK":
                yield f"+8525550{index:04d}"
            case "SG":
                yield f"+655550{index:04d}"
            case "GB" if index % 3 == 0:
                yield f"+44207946{index:04d}"
            case "GB":
                yield f"+447700900{index:03d}"
            case "US":
                area = AREAS_US[index % len(AREAS_US)]
                yield f"+1{area}55501{index // len(AREAS_US):02d}"
            case other:
                raise ValueError(f"no demo numbers for region {other!r}; add them here")


def main_line(region: str, company: int) -> str:
    """The line that people of one company in one region share; `company` counts from 0."""
    return f"{MAIN_LINES[region]}{FIRST_MAIN_LINE[region] + company}"


def pairs(text: str) -> list[tuple[str, str]]:
    return [(word.split()[0], word.split()[1]) for word in text.split(",")]


def name_of(draw: random.Random, index: int, language: str) -> tuple[str, str]:
    if language == "en":
        name = f"{draw.choice(GIVEN_EN)} {draw.choice(SURNAMES_EN)}"
        return name, name
    if index < len(FAMOUS_CN):
        return FAMOUS_CN[index]
    surname, surname_latin = draw.choice(pairs(SURNAMES_CN))
    given, given_latin = draw.choice(pairs(GIVEN_CN))
    return surname + given, f"{surname_latin} {given_latin}"


def past(draw: random.Random, most: int, days: int) -> list[str]:
    """Up to `most` moments within the last `days`, newest first, as ISO 8601 in UTC."""
    minutes = sorted(draw.sample(range(1, days * 24 * 60), most))
    return [f"{TODAY - timedelta(minutes=m):%Y-%m-%dT%H:%M:00Z}" for m in minutes]


def histories(draw: random.Random, language: str) -> tuple[str, str]:
    """The open complaints (oldest first) and last contacts (newest first) as JSON."""
    how_many = draw.choices((0, 1, 2), (80, 15, 5))[0]
    complaints = [
        {"opened_at": at, "text": draw.choice(COMPLAINTS[language])}
        for at in reversed(past(draw, how_many, 60))
    ]
    contacts = [
        {
            "at": at,
            "channel": draw.choice(CHANNELS),
            "summary": draw.choice(SUMMARIES[language]),
            "agent": draw.choice(AGENTS[language]),
        }
        for at in past(draw, draw.randrange(6), 365)
    ]
    return (
        json.dumps(complaints, ensure_ascii=False, separators=(",", ":")),
        json.dumps(contacts, ensure_ascii=False, separators=(",", ":")),
    )


def rows() -> Iterator[dict[str, str]]:
    draw = random.Random(SEED)
    numbers = {region: numbers_of(region) for region in MAIN_LINES}
    for index in range(CUSTOMERS):
        region = "CN" if index < len(FAMOUS_CN) else draw.choice(REGIONS)
        chinese = region == "CN" or (region in ("HK", "SG") and draw.random() < 0.6)
        language = "zh-CN" if chinese else "en"
        name, name_latin = name_of(draw, index, language)
        code = str(FIRST_CODE + index)
        companies = COMPANIES_CN if chinese else COMPANIES_EN
        company = draw.choice(companies)
        company = company if draw.random() < 0.5 else ""
        own = [next(numbers[region])]
        if draw.random() < 0.2:
            own.append(next(numbers[region]))
        if company and draw.random() < 0.2:
            own.append(main_line(region, companies.index(company)))
        grade = draw.choices("ABCDE", (10, 20, 40, 20, 10))[0]
        vip = grade == "A" or (grade == "B" and draw.random() < 0.15)
        complaints, contacts = histories(draw, language)
        yield {
            "code": code,
            "name": name,
            "name_latin": name_latin,
            "language": language,
            "grade": grade,
            "vip": "yes" if vip else "no",
            "company": company,
            "email": f"c{code}@example.com",
            "segment": "business" if company else "private",
            "order_value": str(order_value(code, grade)),
            "numbers": " ".join(own),
            "open_complaints": complaints,
            "last_contacts": contacts,
        }


def order_value(code: str, grade: str) -> int:
    """More for the better grades; drawn beside the other columns, which stay as they were."""
    return round(
        random.Random(f"orders {code}").expovariate(1 / 40_000) / (1 + "ABCDE".index(grade))
    )


def write(path: Path) -> None:
    """Write the set to `path` as UTF-8 with one header line and LF line ends."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows())


if __name__ == "__main__":
    write(Path(__file__).with_name("customers.csv"))
