async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    number = int(scope["path"].rpartition("/")[2])
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(2 * number).encode()})
