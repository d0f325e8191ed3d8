; The setup of the hub: the same result as the MSI. For one computer use one of both.
;   setup.exe [/S] [/RELAYURL="https://access.example.com"] [/DESKTOPICON=1] [/D=C:\folder]
; build/windows/package.sh gives NUMBER, SOURCE, OUT and, where programs are signed, SIGN.
Unicode true
Target amd64-unicode
!include "x64.nsh"
!include "FileFunc.nsh"
!include "LogicLib.nsh"
!include "WordFunc.nsh"
!define KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\Latchkey"
!define WEBVIEW2 "SOFTWARE\Microsoft\EdgeUpdate\Clients\{F3017226-FE2A-4295-8BDF-00C3A9A7E4C5}"
!ifdef SIGN
  !uninstfinalize '${SIGN} "%1"'
!endif

Name "Latchkey"
OutFile "${OUT}"
Icon "${SOURCE}/latchkey.ico"
UninstallIcon "${SOURCE}/latchkey.ico"
InstallDir "$PROGRAMFILES64\Latchkey"
RequestExecutionLevel admin
SetCompressor /SOLID lzma
ManifestSupportedOS all
VIProductVersion "${NUMBER}.0"
VIAddVersionKey "ProductName" "Latchkey"
VIAddVersionKey "CompanyName" "Latchkey"
VIAddVersionKey "ProductVersion" "${NUMBER}"
VIAddVersionKey "FileVersion" "${NUMBER}"
VIAddVersionKey "FileDescription" "Setup of Latchkey"
VIAddVersionKey "LegalCopyright" "Copyright (c) 2026 The Latchkey founders"
Page directory
Page instfiles
UninstPage uninstConfirm
UninstPage instfiles

; Reads an option of the command line, in quotes or up to the next blank. GetOptions of
; NSIS ends at a slash, and addresses have some. $0: the option with its =; result in $1.
Function Option
  ${GetParameters} $R0
  StrLen $R1 $0
  StrLen $R2 $R0
  StrCpy $1 ""
  StrCpy $R3 0
  ${While} $R3 < $R2
    StrCpy $R4 $R0 $R1 $R3
    ${If} $R4 == $0
      IntOp $R3 $R3 + $R1
      StrCpy $R5 " "
      ; Newer shells write quotes within an argument as \".
      StrCpy $R4 $R0 1 $R3
      ${If} $R4 == "\"
        IntOp $R3 $R3 + 1
        StrCpy $R4 $R0 1 $R3
      ${EndIf}
      ${If} $R4 == '"'
        StrCpy $R5 '"'
        IntOp $R3 $R3 + 1
      ${EndIf}
      ${While} $R3 < $R2
        StrCpy $R4 $R0 1 $R3
        ${If} $R4 == $R5
        ${OrIf} $R4 == "\"
          ${ExitWhile}
        ${EndIf}
        StrCpy $1 "$1$R4"
        IntOp $R3 $R3 + 1
      ${EndWhile}
      ${ExitWhile}
    ${EndIf}
    IntOp $R3 $R3 + 1
  ${EndWhile}
FunctionEnd

Function .onInit
  SetRegView 64
  ReadRegStr $0 HKLM "${KEY}" "DisplayVersion"
  ${If} $0 != ""
    ${VersionCompare} $0 "${NUMBER}" $1
    ${If} $1 == 1
      ; 1638: another version is installed already, as msiexec says it.
      SetErrorLevel 1638
      MessageBox MB_OK|MB_ICONSTOP "A newer version of Latchkey ($0) is installed already." /SD IDOK
      Abort
    ${EndIf}
    ; Where it was installed before, unless /D says another folder.
    ReadRegStr $1 HKLM "${KEY}" "InstallLocation"
    ${If} $1 != ""
    ${AndIf} $INSTDIR == "$PROGRAMFILES64\Latchkey"
      StrCpy $INSTDIR $1
    ${EndIf}
  ${EndIf}
FunctionEnd

Section
  SetShellVarContext all
  SetRegView 64
  SetOutPath "$INSTDIR"
  ; A program that runs keeps its file, under another name until the next restart.
  Delete "$INSTDIR\latchkey.exe"
  ${If} ${FileExists} "$INSTDIR\latchkey.exe"
    Delete "$INSTDIR\latchkey.old"
    Rename "$INSTDIR\latchkey.exe" "$INSTDIR\latchkey.old"
    Delete /REBOOTOK "$INSTDIR\latchkey.old"
  ${EndIf}
  ClearErrors
  File "${SOURCE}/latchkey.exe"
  ${If} ${Errors}
    SetErrorLevel 2
    Abort "latchkey.exe could not be written to $INSTDIR."
  ${EndIf}
  CreateShortcut "$SMPROGRAMS\Latchkey.lnk" "$INSTDIR\latchkey.exe"
  WriteRegStr HKLM "Software\Classes\latchkey" "" "URL:Links into Latchkey"
  WriteRegStr HKLM "Software\Classes\latchkey" "URL Protocol" ""
  WriteRegStr HKLM "Software\Classes\latchkey\DefaultIcon" "" '"$INSTDIR\latchkey.exe",0'
  WriteRegStr HKLM "Software\Classes\latchkey\shell\open\command" "" '"$INSTDIR\latchkey.exe" "%1"'
  WriteRegStr HKLM "Software\Latchkey" "Version" "${NUMBER}"
  StrCpy $0 "/RELAYURL="
  Call Option
  ${If} $1 != ""
    WriteRegStr HKLM "Software\Latchkey" "RelayURL" "$1"
  ${EndIf}
  StrCpy $0 "/DESKTOPICON="
  Call Option
  ReadRegStr $2 HKLM "Software\Latchkey" "DesktopIcon"
  ${If} $1 == "1"
  ${OrIf} $2 == "1"
    WriteRegStr HKLM "Software\Latchkey" "DesktopIcon" "1"
    CreateShortcut "$DESKTOP\Latchkey.lnk" "$INSTDIR\latchkey.exe"
  ${EndIf}
  WriteUninstaller "$INSTDIR\uninstall.exe"
  WriteRegStr HKLM "${KEY}" "DisplayName" "Latchkey"
  WriteRegStr HKLM "${KEY}" "DisplayVersion" "${NUMBER}"
  WriteRegStr HKLM "${KEY}" "DisplayIcon" '"$INSTDIR\latchkey.exe",0'
  WriteRegStr HKLM "${KEY}" "Publisher" "Latchkey"
  WriteRegStr HKLM "${KEY}" "URLInfoAbout" "https://github.com/latchkeyhq/latchkey"
  WriteRegStr HKLM "${KEY}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKLM "${KEY}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKLM "${KEY}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKLM "${KEY}" "NoModify" 1
  WriteRegDWORD HKLM "${KEY}" "NoRepair" 1
  SetRegView 32
  ReadRegStr $0 HKLM "${WEBVIEW2}" "pv"
  SetRegView 64
  ${If} $0 == ""
    DetailPrint "The WebView2 runtime is not installed for this computer: Latchkey shows no window until it is."
  ${EndIf}
SectionEnd

Section "Uninstall"
  SetShellVarContext all
  SetRegView 64
  Delete "$INSTDIR\latchkey.exe"
  ${If} ${FileExists} "$INSTDIR\latchkey.exe"
    Delete /REBOOTOK "$INSTDIR\latchkey.exe"
  ${EndIf}
  Delete /REBOOTOK "$INSTDIR\latchkey.old"
  Delete "$INSTDIR\uninstall.exe"
  ; Only if it is empty: it may be a folder with files of somebody else.
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\Latchkey.lnk"
  Delete "$DESKTOP\Latchkey.lnk"
  DeleteRegKey HKLM "Software\Classes\latchkey"
  DeleteRegKey HKLM "${KEY}"
  ; What the setup has written; what others have stays.
  DeleteRegValue HKLM "Software\Latchkey" "Version"
  DeleteRegValue HKLM "Software\Latchkey" "RelayURL"
  DeleteRegValue HKLM "Software\Latchkey" "DesktopIcon"
  DeleteRegKey /ifempty HKLM "Software\Latchkey"
SectionEnd
