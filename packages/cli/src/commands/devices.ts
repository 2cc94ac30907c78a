import { Command } from "@commander-js/extra-typings";
import {
  type DeviceDescription,
  type DeviceLimits,
  describeDevices,
  openDevice,
} from "@hawksbill/core";
import { type Context, withReporter } from "../context.js";
import { jsonOption } from "../options.js";

export function devicesCommand(context: Context): Command {
  return new Command("devices")
    .summary("list what can compute here, and what auto takes")
    .description(
      "Opens every device that this platform may have, runs a small test program on it, and tells what it can do or why it does not work; then which one --device auto takes, and why.",
    )
    .addOption(jsonOption)
    .addHelpText(
      "after",
      `
Examples:
  $ hawksbill devices
  $ hawksbill devices --json`,
    )
    .action((options) =>
      withReporter(context, options, async ({ reporter }) => {
        for (const device of await describeDevices()) {
          reporter.event({ type: "device", ...device });
          reporter.note(sentence(device));
        }
        const chosen = await openDevice();
        const { name, chosenBecause: why = "" } = chosen;
        await chosen.close();
        reporter.event({ type: "auto", name, why });
        reporter.note(`auto: ${name} (${why})`);
      }),
    ) as unknown as Command;
}

/** @internal A device in a line. */
export function sentence(device: DeviceDescription): string {
  if (!device.works) return `${device.name}: no. ${device.why}`;
  const { name, testMs, float16, weightBits, keepsResults, limits } = device;
  const abilities = [
    `test program ${testMs.toPrecision(2)} ms`,
    float16 ? "float16" : "no float16",
    ...(weightBits.length > 0 ? [`speaks with weights of ${weightBits.join(" and ")} bits`] : []),
    ...(keepsResults ? ["weights stay on it in training"] : []),
    ...boundsOf(limits),
  ];
  return `${name}: works. ${abilities.join("; ")}`;
}

function boundsOf({ tensorBytes, memoryBytes }: DeviceLimits): string[] {
  const gigabytes = (bytes: number): string => `${Number((bytes / 2 ** 30).toPrecision(3))} GB`;
  return [
    ...(tensorBytes === undefined ? [] : [`largest tensor ${gigabytes(tensorBytes)}`]),
    ...(memoryBytes === undefined ? [] : [`memory ${gigabytes(memoryBytes)}`]),
  ];
}
