"""A mail server: prints its port, then each mail that it takes as a line of JSON.

The lines go to the file named first as well. While the file named second is there, it takes no
mail for the addresses in it.
"""

import asyncio
import email
import email.policy
import json
import sys
from pathlib import Path

from aiosmtpd.smtp import SMTP

taken, refused = Path(sys.argv[1]), Path(sys.argv[2])
port = int(sys.argv[3])


class Inbox:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if refused.exists() and address in refused.read_text():
            return "451 4.3.0 come back later"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        line = json.dumps(
            {
                "sender": envelope.mail_from,
                "recipients": envelope.rcpt_tos,
                "from": mail["from"],
                "to": mail["to"],
                "subject": mail["subject"],
                "date": mail["date"].datetime.timestamp(),
                "type": mail.get_content_type(),
                "id": mail["message-id"],
                "defects": [str(defect) for defect in mail.defects],
                "lengths": [len(line) for line in envelope.content.splitlines()],
                "text": mail.get_content(),
            }
        )
        with taken.open("a") as file:
            print(line, file=file)
        print(line, flush=True)
        return "250 2.0.0 taken"


async def main():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Inbox()), "127.0.0.1", port)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
