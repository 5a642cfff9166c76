/** Seven bars, one a slot, whose heights form a gate. */
export function GateMark() {
  return (
    <svg width="43" height="22" viewBox="0 0 43 22" stroke="currentColor" strokeWidth="4" aria-hidden="true">
      <path d="M2 0v22M8.5 0v13M15 0v9M21.5 0v7.5M28 0v9M34.5 0v13M41 0v22" />
    </svg>
  );
}
