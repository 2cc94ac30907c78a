/** Speech over HTTP with the small base, as OpenAI's clients ask for it: `npx tsx service.ts [PORT]`. */
import { fileURLToPath } from "node:url";
import { modelFolder, voiceFolder } from "@hawksbill/base-small";
import { openDevice } from "@hawksbill/core";
import { refusing, SpeechServer } from "@hawksbill/server";
import { serve } from "@hawksbill/server/node";
import { speakStream } from "@hawksbill/tortoise";
import { openSpeaker, openVoice } from "@hawksbill/tortoise/node";

const port = Number(process.argv[2] ?? 8321);
const speaker = await openSpeaker(fileURLToPath(modelFolder), await openDevice("cpu"));
const clip = await openVoice(fileURLToPath(new URL("wavs/slt-001.opus", voiceFolder)));
const voice = await speaker.voice(clip);

const server = new SpeechServer({
  models: [
    {
      id: "small",
      voices: ["slt"],
      speak: (request, signal) =>
        refusing(speakStream({ ...request, speaker, voice, signal }), ["TextError"]),
    },
  ],
});
const { url } = await serve(server, { port });
console.log(url);
