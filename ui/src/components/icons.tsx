import type { ReactNode } from "react";

function icon(children: ReactNode) {
  return function Icon({ size = 16 }: { size?: number }) {
    return (
      <svg width={size} height={size} viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true" focusable="false">
        {children}
      </svg>
    );
  };
}

export const ClockIcon = icon(<><circle cx="12" cy="12" r="9" /><path d="M12 7v5l3 2" /></>);
export const RefreshIcon = icon(<><path d="M20 11a8 8 0 1 0-2.3 5.7" /><path d="M20 4v7h-7" /></>);
export const SunIcon = icon(<><circle cx="12" cy="12" r="4" /><path d="M12 2v2M12 20v2M4.9 4.9l1.4 1.4M17.7 17.7l1.4 1.4M2 12h2M20 12h2M4.9 19.1l1.4-1.4M17.7 6.3l1.4-1.4" /></>);
export const MoonIcon = icon(<path d="M20 14.5A8.5 8.5 0 1 1 9.5 4a7 7 0 0 0 10.5 10.5z" />);
export const TableIcon = icon(<><rect x="3" y="4" width="18" height="16" rx="2" /><path d="M3 10h18M3 15h18M9 10v10" /></>);
export const ChartIcon = icon(<><path d="M3 3v18h18" /><path d="M7 15l4-5 3 3 5-7" /></>);
export const ChevronIcon = icon(<path d="M9 6l6 6-6 6" />);
export const DatabaseIcon = icon(<><ellipse cx="12" cy="5" rx="8" ry="3" /><path d="M4 5v14c0 1.7 3.6 3 8 3s8-1.3 8-3V5M4 12c0 1.7 3.6 3 8 3s8-1.3 8-3" /></>);
export const CheckIcon = icon(<path d="M5 12.5l4.5 4.5L19 7.5" />);
export const AlertIcon = icon(<><path d="M12 3L2 20h20L12 3z" /><path d="M12 10v4M12 17v.01" /></>);
export const InfoIcon = icon(<><circle cx="12" cy="12" r="9" /><path d="M12 11v5M12 8v.01" /></>);
export const CriticalIcon = icon(<><path d="M8 3h8l5 5v8l-5 5H8l-5-5V8z" /><path d="M12 8v5M12 16v.01" /></>);
export const HeartbeatIcon = icon(<path d="M3 12h4l3-7 4 14 3-7h4" />);
export const FireIcon = icon(<path d="M12 3c1 4 5 6 5 11a5 5 0 0 1-10 0c0-2 1-3 2-4 0 2 1 3 2 3 1.5-2 0-6 1-10z" />);
export const HourglassIcon = icon(<path d="M6 3h12M6 21h12M7 3c0 5 4 6 5 9-1 3-5 4-5 9M17 3c0 5-4 6-5 9 1 3 5 4 5 9" />);
export const MutedIcon = icon(<><path d="M6 9a6 6 0 0 1 10-4M18 10c0 5 2 6 2 6H9M4 16s2-1 2-5M10 20a2 2 0 0 0 4 0" /><path d="M3 3l18 18" /></>);
export const ShieldIcon = icon(<path d="M12 3l8 3v6c0 5-3.5 8-8 9-4.5-1-8-4-8-9V6z" />);
export const BookIcon = icon(<path d="M4 5a2 2 0 0 1 2-2h14v15H6a2 2 0 0 0-2 2zM4 20a2 2 0 0 0 2 1h14M8 7h8" />);
export const PlusIcon = icon(<path d="M12 5v14M5 12h14" />);
export const CloseIcon = icon(<path d="M6 6l12 12M18 6L6 18" />);
export const ZoomOutIcon = icon(<><circle cx="10.5" cy="10.5" r="6.5" /><path d="M15.5 15.5L21 21M8 10.5h5" /></>);
export const HelpIcon = icon(<><circle cx="12" cy="12" r="9" /><path d="M9.5 9.5a2.5 2.5 0 1 1 3.6 2.2c-.8.4-1.1.9-1.1 1.8M12 16.5v.01" /></>);
export const DownloadIcon = icon(<><path d="M12 4v11M7 11l5 5 5-5M4 20h16" /></>);
export const LogoIcon = ({ size = 26 }: { size?: number }) => (
  <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
    <rect width="32" height="32" rx="8" fill="#0f6b5c" />
    <path d="M5 18h5l3-9 5 15 3.5-9 1.5 3h4" fill="none" stroke="#fff" strokeWidth="2.6" strokeLinecap="round" strokeLinejoin="round" />
  </svg>
);
