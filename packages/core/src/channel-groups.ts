/** Groups that TorToiSe's models give `groupNorm`: 32, fewer for few channels, halved until they divide them. */
export function channelGroups(channels: number): number {
  let groups = channels <= 16 ? 8 : channels <= 64 ? 16 : 32;
  while (channels % groups !== 0) groups /= 2;
  return groups;
}
