import { wavBlob } from "./readable-files.js";
import workletUrl from "./recorder-worklet.ts?worker&url";

/** A recording under way. */
export interface Recording {
  /** Ends it; the sound as a WAV file. */
  end(): Promise<Blob>;
}

/**
 * Records from the microphone as it hears: what makes calls clearer would be learnt as part of the voice.
 *
 * @param onLevel Told the loudest sample of late, 0 to 1.
 * @throws There is no microphone, or the page may not use it.
 */
export async function startRecording(onLevel: (level: number) => void): Promise<Recording> {
  const stream = await navigator.mediaDevices
    .getUserMedia({
      audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
    })
    .catch((cause: unknown) => {
      throw new Error(
        `The microphone cannot be used (${cause}); allow it in the browser's settings of this page`,
        { cause },
      );
    });
  const context = new AudioContext();
  const letGo = async (): Promise<void> => {
    for (const track of stream.getTracks()) track.stop();
    await context.close();
  };
  await context.audioWorklet.addModule(workletUrl).catch(async (error: unknown) => {
    await letGo();
    throw error;
  });
  const recorder = new AudioWorkletNode(context, "recorder", { numberOfOutputs: 0 });
  const blocks: Float32Array[] = [];
  recorder.port.onmessage = ({ data }: MessageEvent<Float32Array>) => {
    blocks.push(data);
    if (blocks.length % 16 === 0) onLevel(peak(blocks.slice(-16)));
  };
  context.createMediaStreamSource(stream).connect(recorder);
  return {
    async end() {
      await letGo();
      return wavBlob({ samples: joined(blocks), sampleRateHz: context.sampleRate });
    },
  };
}

function peak(blocks: readonly Float32Array[]): number {
  return blocks.reduce((most, block) => block.reduce((a, b) => Math.max(a, Math.abs(b)), most), 0);
}

function joined(blocks: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(blocks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const block of blocks) {
    all.set(block, at);
    at += block.length;
  }
  return all;
}
