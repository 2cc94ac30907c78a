/** Runs on the audio thread: hands every block of samples to the page. */
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: typeof AudioWorkletProcessor): void;

class Recorder extends AudioWorkletProcessor {
  process([channels]: Float32Array[][]): boolean {
    const [left] = channels ?? [];
    if (left) this.port.postMessage(left.slice());
    return true;
  }
}

registerProcessor("recorder", Recorder);
