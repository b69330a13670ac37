// A service that is not natsproof's: answers `greet.hello` with "hello" and what it was sent.
const { connect, StringCodec } = require("nats");

(async () => {
  const nc = await connect({ servers: process.argv[2] });
  const text = StringCodec();
  nc.subscribe("greet.hello", {
    queue: "greet",
    callback: (err, msg) => msg.respond(text.encode("hello " + text.decode(msg.data))),
  });
  await nc.flush();
  console.log("ready");
  await nc.closed();
})();
