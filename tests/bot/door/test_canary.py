"""A hundred secrets through the real door: none of them is found anywhere afterwards, however it is written."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from bot.boot.made_secrets import made
from bot.boot.throwaway import free_ports

ROOT = Path(__file__).resolve().parents[3]
KEY = made()["MARROW_CONTACT_KEY"]

# sentence with {} → secrets of its kind; each is looked for whole
PLANTED: dict[str, list[str]] = {
    "My name is {} and I ask for a price": [
        "Zebulon Quackenbush", "Ottoline Fairweather", "Dmitri Zhukovsky", "Nguyễn Thị Hương", "Fatima Al-Rashidi",
        "Wang Xiaoming", "Ingeborg Löfgren", "Aurelio Benvenuti", "Chukwuemeka Okonkwo", "priyanka subramanian",
    ],
    "меня зовут {}, сколько это стоит": ["Аркадий Заболоцкий", "Василиса Хрусталёва", "Зульфия Хасанова"],
    "我叫{}，请问费用": ["欧阳明慧", "尉迟恭平", "李小龙", "陈建国"],
    "اسمي {}": ["خالد العتيبي", "زينب الكعبي", "مريم الدوسري"],
    "my son {} needs a donor": ["Thelonius", "Barnaby", "Rustam", "Yerbolat"],
    "write to {} please": [
        "zq.quack@canary-one.example", "otto+line@canary-two.co.uk", "d_zhukovsky@canary3.ru", "nguyen.h@canary4.vn",
        "fatima@canary5.sa", "wxm1985@canary6.cn", "ingeborg.l@canary7.se", "a.benvenuti@canary8.it",
        "chuks@canary9.ng", "priya.s@canary10.in",
    ],
    "call me on {} today": [
        "+44 20 7946 0958", "+1 415 555 0132", "138 0013 8000", "8 916 123-45-67", "0912 345 678", "+971 50 123 4567",
        "+49 151 23456789", "06 12 34 56 78", "+39 347 1234567", "(212) 555-0187", "+86 137 6666 8888", "0171 2345678",
    ],
    "card {} for the deposit": ["4111 1111 1111 1111", "5555555555554444", "3782 822463 10005", "4000-0566-5566-5556"],
    "IBAN {} thanks": ["DE89 3704 0044 0532 0130 00", "GB82WEST12345698765432", "FR1420041010050500013M02606"],
    "my passport is {}": ["E71234567", "75 4816392", "574829103", "EJ3910276", "P03847162", "YB2184407"],
    "my ID number is {}": [
        "110105194912310021", "123-45-6780", "943 476 5919", "12345678Z", "X1234567L", "RSSMRA85T10A562S",
        "784-1985-7654321-1", "078051204837", "112-233-445 95", "1850375123456",
    ],
    "my hospital number is {}, what now": ["00817263", "W0483926", "2023/HEM/5581", "KH-99-20417", "0001738824"],
    "病历号：{}": ["20230045771", "ZY0098123"],
    "I was born on {} in a village": [
        "17.11.1961", "3 March 1974", "1985-07-29", "August 9, 1990", "29/02/1988", "14 января 1957",
    ],
    "I live at {} and ask about visas": [
        "12 Bakewell Street", "Flat 4B, 221 Thornbury Road", "77 Old Mission Highway", "350 Larkspur Avenue",
        "Gartenstraße 113", "14 rue des Mésanges", "Calle Embajadores 191", "ul. Gagarina 15, kv 88",
    ],
    "住址：{}": ["广州市天河区中山大道西1207号", "北京市朝阳区建国路88号"],
    "мой адрес: {}": ["ул. Саксаганская, д. 63, кв. 18", "пр-т Независимости, д. 143, кв. 61"],
    "password: {}": ["Xk9!quokka", "tr0ub4dor&3"],
    "my wechat id is {}": ["quokka_1985", "wx_zhukov77"],
    "link https://portal.example/reset?token={}": ["q7Zk3Vv9sLw2", "canaryTOKEN8841"],
}  # fmt: skip

SECRETS = [(sentence, secret) for sentence, secrets in PLANTED.items() for secret in secrets]


def test_when_secrets_are_counted_then_there_are_a_hundred():
    assert len(SECRETS) >= 100
    assert len({secret for _, secret in SECRETS}) == len(SECRETS)


class RunningDoor:
    """A door as a process of its own, in a folder of its own."""

    def __init__(self, folder: Path, brain_port: int, brain_token: str) -> None:
        self.folder = folder
        (port,) = free_ports(1)
        self.address = f"http://127.0.0.1:{port}"
        self.environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "HOME": str(folder),
            "MARROW_DOOR_PORT": str(port),
            "MARROW_BRAIN_PORT": str(brain_port),
            "MARROW_BRAIN_TOKEN": brain_token,
            "MARROW_SECRET_KEY": "s" * 40,
            "MARROW_CONTACT_KEY": KEY,
            "MARROW_MESSAGES_PER_MINUTE": "10000",
            "MARROW_DATABASE_URL": f"sqlite:///{folder}/journal.sqlite3",
        }
        self.log = (folder / "door.log").open("wb")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bot.door"], cwd=folder, env=self.environment, stdout=self.log, stderr=self.log
        )

    def wait(self) -> None:
        ends = time.monotonic() + 90
        while time.monotonic() < ends:
            try:
                if httpx.get(f"{self.address}/readyz", timeout=5, trust_env=False).status_code == 200:
                    return
            except httpx.HTTPError:
                assert self.process.poll() is None, (self.folder / "door.log").read_text()
            time.sleep(0.2)
        raise AssertionError((self.folder / "door.log").read_text())

    def command(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "bot.journal.cli", *arguments],
            cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        self.log.close()


def forms(secret: str) -> dict[str, bytes]:
    """How a secret can be written: as it is, as JSON escapes it, in UTF-16."""
    return {
        "utf-8": secret.encode(),
        "json": json.dumps(secret).strip('"').encode(),
        "utf-16-le": secret.encode("utf-16-le"),
        "utf-16-be": secret.encode("utf-16-be"),
    }


@pytest.mark.slow
def test_when_a_hundred_secrets_went_through_the_door_then_none_is_found_in_any_file(tmp_path, brain, brain_turn):
    brain.answer = lambda body: brain_turn(f"you said {body['text']}")
    door = RunningDoor(tmp_path, brain.port, "brain-token-of-the-tests")
    try:
        door.wait()
        http = httpx.Client(base_url=door.address, timeout=30, trust_env=False)
        begun = http.post("/api/v1/conversations", json={"consent": True}).json()
        path, headers = f"/api/v1/conversations/{begun['conversation']}", {"Authorization": f"Bearer {begun['token']}"}
        seen: list[str] = []
        for number, (sentence, secret) in enumerate(SECRETS):
            text = sentence.format(secret)
            said = http.post(f"{path}/messages", headers=headers, json={"client_id": f"c{number}", "text": text})
            assert said.status_code == 202, said.text
            seen.append(said.text)
            for what, body in (
                ("feedback", {"seq": 1, "value": "up", "comment": text}),
                ("contact", {"consent": True, "phone": "+1 555 0100", "note": text}),
                ("messages", {"client_id": f"c{number}", "text": text}),  # again
                ("messages", {"client_id": f"c{number}", "text": f"{text} other"}),  # refused
                ("messages", {"client_id": "no good id!", "text": text}),  # refused
            ):
                seen.append(http.post(f"{path}/{what}", headers=headers, json=body).text)
            http.post("/api/v1/conversations", json={"consent": False, "text": text})
        # words in places where no route expects them
        http.post(f"{path}/messages", headers=headers, content=json.dumps({"text": SECRETS[0][1]})[:-2].encode())
        http.get(f"{path}/{SECRETS[0][1]}", headers=headers)
        ends = time.monotonic() + 60
        while time.monotonic() < ends:
            events = http.get(f"{path}/events", headers=headers | {"Accept": "application/json"}).json()
            answered = {event.get("reply_to") for event in events if event["from"] == "bot"}
            waiting = [event for event in events if event["from"] == "patient" and event["seq"] not in answered]
            if not waiting:
                break
            time.sleep(0.3)
        assert not waiting
        for accept in ("application/json", "text/plain"):
            seen.append(http.get(f"{path}/transcript", headers=headers | {"Accept": accept}).text)
        seen.append(http.get("/metrics").text)
        (tmp_path / "export.json").write_text(door.command("export", begun["conversation"]))
        (tmp_path / "answers.txt").write_text("\n".join(seen))
        (tmp_path / "brain.txt").write_text(json.dumps(brain.asked, ensure_ascii=False))
        door.process.send_signal(6)  # SIGABRT: what a crash leaves
        door.process.wait()
    finally:
        door.stop()
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert {"journal.sqlite3", "door.log", "export.json", "answers.txt", "brain.txt"} <= {file.name for file in files}
    content = b"\0".join(file.read_bytes() for file in files)
    found = [(form, secret) for _, secret in SECRETS for form, written in forms(secret).items() if written in content]
    assert found == []
    assert re.search(rb"\[name\].*\[phone number\]", content, re.DOTALL)  # something was written at all


@pytest.mark.parametrize("form", ["utf-8", "json", "utf-16-le", "utf-16-be"])
def test_when_a_secret_is_planted_in_a_file_then_the_search_finds_it(form):
    secret = "Василиса Хрусталёва"
    assert forms(secret)[form] in b"before " + forms(secret)[form] + b" after"
