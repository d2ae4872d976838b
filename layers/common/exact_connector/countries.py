"""Countries as clients write them: the codes of ISO 3166-1, the codes of the EU's VAT rules, usual names.

Sources: ISO 3166-1 (249 countries, two and three letters) and the EU's VAT number prefixes (EL for Greece, XI for
Northern Ireland). A country gets one code, the one under which Exact lists it.
"""

from __future__ import annotations

import unicodedata
from types import MappingProxyType

_PAIRS = """
    ADAND AEARE AFAFG AGATG AIAIA ALALB AMARM AOAGO AQATA ARARG ASASM ATAUT AUAUS AWABW AXALA AZAZE BABIH BBBRB
    BDBGD BEBEL BFBFA BGBGR BHBHR BIBDI BJBEN BLBLM BMBMU BNBRN BOBOL BQBES BRBRA BSBHS BTBTN BVBVT BWBWA BYBLR
    BZBLZ CACAN CCCCK CDCOD CFCAF CGCOG CHCHE CICIV CKCOK CLCHL CMCMR CNCHN COCOL CRCRI CUCUB CVCPV CWCUW CXCXR
    CYCYP CZCZE DEDEU DJDJI DKDNK DMDMA DODOM DZDZA ECECU EEEST EGEGY EHESH ERERI ESESP ETETH FIFIN FJFJI FKFLK
    FMFSM FOFRO FRFRA GAGAB GBGBR GDGRD GEGEO GFGUF GGGGY GHGHA GIGIB GLGRL GMGMB GNGIN GPGLP GQGNQ GRGRC GSSGS
    GTGTM GUGUM GWGNB GYGUY HKHKG HMHMD HNHND HRHRV HTHTI HUHUN IDIDN IEIRL ILISR IMIMN ININD IOIOT IQIRQ IRIRN
    ISISL ITITA JEJEY JMJAM JOJOR JPJPN KEKEN KGKGZ KHKHM KIKIR KMCOM KNKNA KPPRK KRKOR KWKWT KYCYM KZKAZ LALAO
    LBLBN LCLCA LILIE LKLKA LRLBR LSLSO LTLTU LULUX LVLVA LYLBY MAMAR MCMCO MDMDA MEMNE MFMAF MGMDG MHMHL MKMKD
    MLMLI MMMMR MNMNG MOMAC MPMNP MQMTQ MRMRT MSMSR MTMLT MUMUS MVMDV MWMWI MXMEX MYMYS MZMOZ NANAM NCNCL NENER
    NFNFK NGNGA NINIC NLNLD NONOR NPNPL NRNRU NUNIU NZNZL OMOMN PAPAN PEPER PFPYF PGPNG PHPHL PKPAK PLPOL PMSPM
    PNPCN PRPRI PSPSE PTPRT PWPLW PYPRY QAQAT REREU ROROU RSSRB RURUS RWRWA SASAU SBSLB SCSYC SDSDN SESWE SGSGP
    SHSHN SISVN SJSJM SKSVK SLSLE SMSMR SNSEN SOSOM SRSUR SSSSD STSTP SVSLV SXSXM SYSYR SZSWZ TCTCA TDTCD TFATF
    TGTGO THTHA TJTJK TKTKL TLTLS TMTKM TNTUN TOTON TRTUR TTTTO TVTUV TWTWN TZTZA UAUKR UGUGA UMUMI USUSA UYURY
    UZUZB VAVAT VCVCT VEVEN VGVGB VIVIR VNVNM VUVUT WFWLF WSWSM YEYEM YTMYT ZAZAF ZMZMB ZWZWE
"""
"""Two letters and three letters of every country, joined."""

_NAMES = """
NL=netherlands,the netherlands,nederland,holland,niederlande,pays bas,paises bajos
BE=belgium,belgie,belgique,belgien,belgica
DE=germany,deutschland,duitsland,allemagne,alemania
FR=france,frankrijk,frankreich,francia
LU=luxembourg,luxemburg,luxemburgo
GB=united kingdom,great britain,england,scotland,wales,verenigd koninkrijk,groot brittannie,grossbritannien
GB=vereinigtes konigreich,royaume uni,reino unido
IE=ireland,ierland,irland,irlande,irlanda
ES=spain,espana,spanje,spanien,espagne
PT=portugal
IT=italy,italia,italie,italien
AT=austria,osterreich,oostenrijk,autriche
CH=switzerland,schweiz,suisse,svizzera,zwitserland,suiza
DK=denmark,danmark,denemarken,danemark,dinamarca
SE=sweden,sverige,zweden,schweden,suede,suecia
NO=norway,norge,noorwegen,norwegen,norvege,noruega
FI=finland,suomi,finnland,finlande,finlandia
IS=iceland,ijsland,island,islande
PL=poland,polska,polen,pologne,polonia
CZ=czech republic,czechia,cesko,tsjechie,tschechien,republique tcheque
SK=slovakia,slovensko,slowakije,slowakei,slovaquie
HU=hungary,magyarorszag,hongarije,ungarn,hongrie
RO=romania,roemenie,rumanien,roumanie
BG=bulgaria,bulgarije,bulgarien,bulgarie
GR=greece,griekenland,griechenland,grece,grecia
HR=croatia,hrvatska,kroatie,kroatien,croatie
SI=slovenia,slovenija,slovenie,slowenien
EE=estonia,eesti,estland,estonie
LV=latvia,latvija,letland,lettland,lettonie
LT=lithuania,lietuva,litouwen,litauen,lituanie
CY=cyprus,zypern,chypre
MT=malta,malte
TR=turkey,turkiye,turkije,turkei,turquie
UA=ukraine,oekraine
US=united states,united states of america,usa,verenigde staten,vereinigte staaten,etats unis,estados unidos
CA=canada,kanada
AU=australia,australie,australien
CN=china,chine
JP=japan,japon
"""
"""The usual names of the countries that most customers are in: English, their own, Dutch, German, French, Spanish."""

CODES = frozenset(pair[:2] for pair in _PAIRS.split()) | {"XI", "XK"}
"""The codes that a document may carry: ISO 3166-1, Northern Ireland (VAT), Kosovo."""

_SAME_COUNTRY = MappingProxyType({"EL": "GR", "UK": "GB"})
_THREE_LETTERS = MappingProxyType({pair[2:]: pair[:2] for pair in _PAIRS.split()})
_BY_NAME = MappingProxyType(
    {name: line[:2] for line in _NAMES.strip().splitlines() for name in line.partition("=")[2].split(",")}
)


EU_COUNTRIES = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split()  # noqa: SIM905
)
"""The 27 member states by ISO code."""

_COUNTS_AS_EU = EU_COUNTRIES | {"XI"}


def is_in_eu(country: str) -> bool:
    """Return whether a country counts as EU for VAT; `EL` is Greece and `XI` is Northern Ireland."""
    return normalised(country) in _COUNTS_AS_EU


def normalised(country: str | None) -> str | None:
    """Return the trimmed code in capitals with one code per country, None for an empty one; any text is taken."""
    code = (country or "").strip().upper()
    return _SAME_COUNTRY.get(code, code) or None


def country_code(text: str) -> str | None:
    """Return the code of the country that a text names: two or three letters or a usual name; None for no country."""
    code = normalised(text) or ""
    if code in CODES:
        return code
    return _THREE_LETTERS.get(code) or _BY_NAME.get(_plain(text))


def _plain(text: str) -> str:
    """Return a name without accents, capitals and signs, its words with one space between."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    bare = (each if each.isalpha() else " " for each in letters if not unicodedata.combining(each))
    return " ".join("".join(bare).split())
